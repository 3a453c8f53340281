public import KernelOperands

/// One output z an event, whose σ(z) is the probability of the first of two classes: the cross-entropy of this shape and its
/// gradient w.r.t. z, as from `shapedCrossEntropy` for the logits (z, 0).
///
/// Of the plain shape: losses[row] ← ln(1 + e^−a) · weight with a = z for the first class and −z for the second, gradient ← −σ(−a) ·
/// weight with the sign of a in z: accurate for any z, infinities included. A NaN, and a label that is neither 0 nor 1, make the loss
/// NaN.
///
/// `logits` and `gradient` are [row][stride], `stride` a multiple of 8, and hold the output in their first column; the other columns
/// of `gradient` become 0. Padding, weights, losses and aliasing are those of `softmaxCrossEntropy`.
/// - Returns: The number of rows with z ≥ 0 of the first class, or z < 0 of the second.
public func binaryCrossEntropy(
  rows: Int, logits: UnsafePointer<Float>, stride: Int, labels: UnsafePointer<Int32>, weights: UnsafePointer<Float>,
  _ shape: LossShape, gradient: UnsafeMutablePointer<Float>, losses: UnsafeMutablePointer<Float>
) -> Int {
  let form = FocalForm(gamma: shape.gamma)
  switch (shape.gamma == 0, shape.other == 0) {
  case (true, true):
    return unsafe binaryCrossEntropy(
      rows: rows, logits: logits, stride: stride, labels: labels, weights: weights, shape, CrossEntropyForm(),
      isSmooth: false, gradient: gradient, losses: losses)
  case (true, false):
    return unsafe binaryCrossEntropy(
      rows: rows, logits: logits, stride: stride, labels: labels, weights: weights, shape, CrossEntropyForm(),
      isSmooth: true, gradient: gradient, losses: losses)
  case (false, true):
    return unsafe binaryCrossEntropy(
      rows: rows, logits: logits, stride: stride, labels: labels, weights: weights, shape, form, isSmooth: false,
      gradient: gradient, losses: losses)
  case (false, false):
    return unsafe binaryCrossEntropy(
      rows: rows, logits: logits, stride: stride, labels: labels, weights: weights, shape, form, isSmooth: true,
      gradient: gradient, losses: losses)
  }
}

@inline(__always) private func binaryCrossEntropy<Form: LossForm>(
  rows: Int, logits: UnsafePointer<Float>, stride: Int, labels: UnsafePointer<Int32>, weights: UnsafePointer<Float>,
  _ shape: LossShape, _ form: Form, isSmooth: Bool, gradient: UnsafeMutablePointer<Float>,
  losses: UnsafeMutablePointer<Float>
) -> Int {
  var correct = Words()
  let (own, other) = (Lanes(repeating: shape.own), Lanes(repeating: shape.other))
  for row in Swift.stride(from: 0, to: rows, by: 8) {
    // The caller owns the padded rows of every array.
    let isEvent = lanesBelow(rows - row)
    let label = unsafe UnsafeRawPointer(labels + row).loadUnaligned(as: Words.self)
    let weight = unsafe load(weights + row)
    let logit = unsafe ClassQuad(at: logits + row * stride, stride: stride).first
    let shares = BinaryShares(logit)
    let isFirst = label .== Words()
    let isRight = (isFirst .& (logit .>= 0)) .| ((label .== Words(repeating: 1)) .& (logit .< 0))
    // The event's own class has the larger probability where the output says so, or is 0 for the second class.
    let isLarger = select(isFirst, logit, -logit) .>= 0
    let (share, rest) = (
      select(isLarger, shares.larger, shares.smaller), select(isLarger, shares.smaller, shares.larger)
    )
    let (ofLarger, ofSmaller) = (shares.halfOfLarger, shares.halfOfLarger + 0.5 * logit.magnitudes)
    let term = form.term(share: share, rest: rest, half: select(isLarger, ofLarger, ofSmaller))
    var (half, slope) = (own * term.half, own * term.slope * rest)
    if isSmooth {
      let opposite = form.term(share: rest, rest: share, half: select(isLarger, ofSmaller, ofLarger))
      half = half.addingProduct(other, opposite.half)
      slope = slope.addingProduct(-share, other * opposite.slope)
    }
    half = select(isFirst .| (label .== Words(repeating: 1)), half, Lanes(repeating: .nan))
    let value = (select(isFirst, slope, -slope) * weight).kept(where: isEvent)
    let place = unsafe gradient + row * stride
    unsafe ClassQuad(first: value, second: Lanes(), third: Lanes(), fourth: Lanes()).store(at: place, stride: stride)
    for column in Swift.stride(from: 4, to: stride, by: 4) {
      unsafe ClassQuad.zero.store(at: place + column, stride: stride)
    }
    unsafe store((half * weight * 2).kept(where: isEvent), losses + row)
    correct = correct &- (isEvent .& isRight).words
  }
  unsafe clearPadding(rows: rows, stride: stride, gradient: gradient, losses: losses)
  return Int(correct.wrappedSum())
}

/// The two probabilities of eight events, one per lane, by one output each: those of `EventShares` for the logits (z, 0).
struct BinaryShares {
  /// σ(|z|) and σ(−|z|), each with a small relative error.
  let larger: Lanes
  let smaller: Lanes
  /// −½ ln of the larger one. That of the smaller one is ½ |z| more.
  let halfOfLarger: Lanes

  @inline(__always) init(_ logit: Lanes) {
    let decay = exponential(-logit.magnitudes)
    let total = 1 + decay
    larger = 1 / total
    smaller = decay * larger
    halfOfLarger = 0.5 * naturalLogarithm(total).addingProduct(decay - (total - 1), larger)
  }
}

/// probabilities[row] ← (σ(z), σ(−z)), the probabilities of both classes, each off by 1.66 ulp at most; the other columns become 0.
///
/// `logits` and `probabilities`, which may be the same, are [row][stride], padded to a multiple of 8 rows; the output is in the first
/// column.
public func binaryProbabilities(
  rows: Int, logits: UnsafePointer<Float>, stride: Int, probabilities: UnsafeMutablePointer<Float>
) {
  for row in Swift.stride(from: 0, to: rows, by: 8) {
    // The caller owns the padded rows of both arrays.
    let logit = unsafe ClassQuad(at: logits + row * stride, stride: stride).first
    let place = unsafe probabilities + row * stride
    let quad = ClassQuad(
      first: logisticSigmoid(logit), second: logisticSigmoid(-logit), third: Lanes(), fourth: Lanes())
    unsafe quad.store(at: place, stride: stride)
    for column in Swift.stride(from: 4, to: stride, by: 4) {
      unsafe ClassQuad.zero.store(at: place + column, stride: stride)
    }
  }
}

/// indices[row] ← 0 where the output is at least 0, 1 where it is below, −1 where it is NaN: `argMax` of the logits (z, 0).
public func binaryPredictions(
  rows: Int, logits: UnsafePointer<Float>, stride: Int, indices: UnsafeMutablePointer<Int32>
) {
  for row in 0..<rows {
    // The caller owns `rows` rows.
    let logit = unsafe logits[row * stride]
    unsafe indices[row] = logit >= 0 ? 0 : logit < 0 ? 1 : -1
  }
}
