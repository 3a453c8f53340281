public import KernelOperands

/// Softmax and a modified cross-entropy (label smoothing, focal loss): each event's loss and its gradient w.r.t. the logits.
///
/// With p = softmax(logits[row]), q = 1 − p, and y = `shape.own` for the event's class, `shape.other` for the rest:
///
///     losses[row]          ← Σ y · q^γ · (−ln p) · weight
///     gradient[row][class] ← (q · y · s − p · Σ' y · s) · weight,  s = p · d(q^γ (−ln p))/dp
///
/// Σ' runs over the other classes. Both are finite and accurate for any finite logits and γ ≥ 0, unless the loss exceeds
/// float32; no target but the event's own (`shape.other` = 0) costs one power an event instead of two a class. Sums run in class
/// order and no event sees another. A NaN logit, and a label outside 0 ..< classes, make the loss NaN.
///
/// Parameters, padding and the result are those of `softmaxCrossEntropy`; so is aliasing.
public func shapedCrossEntropy(
  rows: Int, classes: Int, logits: UnsafePointer<Float>, stride: Int, labels: UnsafePointer<Int32>,
  weights: UnsafePointer<Float>, _ shape: LossShape, gradient: UnsafeMutablePointer<Float>,
  losses: UnsafeMutablePointer<Float>
) -> Int {
  let form = FocalForm(gamma: shape.gamma)
  if shape.gamma == 0 {
    return unsafe shapedCrossEntropy(
      rows: rows, classes: classes, logits: logits, stride: stride, labels: labels, weights: weights, shape,
      CrossEntropyForm(), isSmooth: true, gradient: gradient, losses: losses)
  } else if shape.other == 0 {
    return unsafe shapedCrossEntropy(
      rows: rows, classes: classes, logits: logits, stride: stride, labels: labels, weights: weights, shape, form,
      isSmooth: false, gradient: gradient, losses: losses)
  } else {
    return unsafe shapedCrossEntropy(
      rows: rows, classes: classes, logits: logits, stride: stride, labels: labels, weights: weights, shape, form,
      isSmooth: true, gradient: gradient, losses: losses)
  }
}

/// The same of one form. `isSmooth`: whether other classes than the event's own have a target.
@inline(__always) private func shapedCrossEntropy<Form: LossForm>(
  rows: Int, classes: Int, logits: UnsafePointer<Float>, stride: Int, labels: UnsafePointer<Int32>,
  weights: UnsafePointer<Float>, _ shape: LossShape, _ form: Form, isSmooth: Bool,
  gradient: UnsafeMutablePointer<Float>, losses: UnsafeMutablePointer<Float>
) -> Int {
  var correct = Words()
  let (own, other) = (Lanes(repeating: shape.own), Lanes(repeating: shape.other))
  for row in Swift.stride(from: 0, to: rows, by: 8) {
    // The caller owns the padded rows of every array.
    let isEvent = lanesBelow(rows - row)
    let label = unsafe UnsafeRawPointer(labels + row).loadUnaligned(as: Words.self)
    let weight = unsafe load(weights + row)
    let ofRow = unsafe logits + row * stride
    let shares = unsafe EventShares(logits: ofRow, classes: classes, stride: stride)
    var (half, slopes) = (Lanes(), Lanes())
    var rest = Lanes()  // 1 − p of the event's class, where that alone has a target.
    if isSmooth {
      var isKnown = label .!= label
      unsafe forEachClass(of: ofRow, classes: classes, stride: stride) { logit, index in
        let isLabel = label .== Words(repeating: index)
        let share = shares.share(logit)
        let term = form.term(
          share: share, rest: shares.rest(share, isBest: shares.best .== Words(repeating: index)),
          half: shares.halfInformation(logit))
        let target = select(isLabel, own, other)
        half = half.addingProduct(target, term.half)
        slopes = slopes.addingProduct(target, term.slope)
        isKnown = isKnown .| isLabel
      }
      half = select(isKnown, half, Lanes(repeating: .nan))
    } else {
      var ofLabel = Lanes(repeating: .nan)
      unsafe forEachClass(of: ofRow, classes: classes, stride: stride) { logit, index in
        ofLabel = select(label .== Words(repeating: index), logit, ofLabel)
      }
      let share = shares.share(ofLabel)
      rest = shares.rest(share, isBest: shares.best .== label)
      let term = form.term(share: share, rest: rest, half: shares.halfInformation(ofLabel))
      (half, slopes) = (own * term.half, own * term.slope)
    }
    for column in Swift.stride(from: 0, to: stride, by: 4) {
      guard column < classes else {
        unsafe ClassQuad.zero.store(at: gradient + row * stride + column, stride: stride)
        continue
      }
      unsafe ClassQuad(at: ofRow + column, stride: stride)
        .map(classes - column) { logit, place in
          let index = Words(repeating: Int32(truncatingIfNeeded: column) &+ place)
          let share = shares.share(logit)
          let value: Lanes
          if isSmooth {
            let rest = shares.rest(share, isBest: shares.best .== index)
            let term = form.term(share: share, rest: rest, half: shares.halfInformation(logit))
            let slope = select(label .== index, own, other) * term.slope
            value = (rest * slope).addingProduct(-share, slopes - slope)
          } else {
            value = select(label .== index, rest * slopes, -share * slopes)
          }
          return (value * weight).kept(where: isEvent)
        }
        .store(at: gradient + row * stride + column, stride: stride)
    }
    // Doubled at the end: a value beyond float32 may fit after multiplication by the weight.
    unsafe store((half * weight * 2).kept(where: isEvent), losses + row)
    correct = correct &- (isEvent .& shares.isDefined .& (shares.best .== label)).words
  }
  unsafe clearPadding(rows: rows, stride: stride, gradient: gradient, losses: losses)
  return Int(correct.wrappedSum())
}

/// Clears the last eight rows of the padding to sixteen, which loops over eight rows leave out.
@inline(__always) func clearPadding(
  rows: Int, stride: Int, gradient: UnsafeMutablePointer<Float>, losses: UnsafeMutablePointer<Float>
) {
  guard rows & 15 != 0 && rows & 15 <= 8 else { return }
  // The caller owns the padded rows of both arrays.
  let row = (rows + 7) & ~7
  unsafe (gradient + row * stride).update(repeating: 0, count: 8 * stride)
  unsafe (losses + row).update(repeating: 0, count: 8)
}
