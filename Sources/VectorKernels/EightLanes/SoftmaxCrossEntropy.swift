/// Softmax and categorical cross-entropy in one pass: each event's loss and its gradient with respect to the logits.
///
/// With p = softmax(logits[row]):
///
///     gradient[row][class] ← (p[class] − (class is the label ? 1 : 0)) · weight
///     losses[row]          ← (ln Σ exp(logit − maximum) − (logit[label] − maximum)) · weight
///
/// Sums run in class order within an event and no event sees another, so a row's bits depend on that row alone.
/// p[class] is exp(logit − maximum) times the reciprocal of the sum, fused with the subtraction. Logits may be huge or
/// infinite: what has a finite limit is finite (a single +∞ has p = 1, equal infinities share). A NaN logit makes the
/// row's gradient and loss NaN; a label outside 0 ..< classes makes its loss NaN.
///
/// - Parameters:
///   - rows: Events. All five arrays are padded to a multiple of 16 rows, of any content: those rows may be read, and
///     become 0 in `gradient` and `losses`.
///   - classes: At least 1, at most `stride`.
///   - logits: [row][stride].
///   - stride: A multiple of 8.
///   - labels: [row], the true class.
///   - weights: [row], the event weights.
///   - gradient: [row][stride]; may be `logits`. Padding columns become 0.
///   - losses: [row].
/// - Returns: The number of rows whose largest logit, the first of equals, is the label's; not of rows with a NaN.
public func softmaxCrossEntropy(
  rows: Int, classes: Int, logits: UnsafePointer<Float>, stride: Int, labels: UnsafePointer<Int32>,
  weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, losses: UnsafeMutablePointer<Float>
) -> Int {
  var correct = Words()
  for row in Swift.stride(from: 0, to: rows, by: 8) {
    // The caller owns the padded rows of every array.
    let isEvent = lanesBelow(rows - row)
    let label = unsafe UnsafeRawPointer(labels + row).loadUnaligned(as: Words.self)
    let weight = unsafe load(weights + row)
    var ofLabel = Lanes(repeating: .nan)
    let softmax = unsafe EventSoftmax(
      logits: logits + row * stride, classes: classes, stride: stride, shares: gradient + row * stride,
      visit: { belowMaximum, index in
        ofLabel = select(label .== Words(repeating: index), belowMaximum, ofLabel)
      },
      share: { power, reciprocal, index in
        let target = Lanes(repeating: -1).kept(where: label .== Words(repeating: index))
        return (target.addingProduct(power, reciprocal) * weight).kept(where: isEvent)
      })
    let loss = (naturalLogarithm(softmax.total) - ofLabel) * weight
    unsafe store(loss.kept(where: isEvent), losses + row)
    let isDefined = softmax.total .== softmax.total
    correct = correct &- (isEvent .& isDefined .& (softmax.best .== label)).words
  }
  unsafe clearPadding(rows: rows, stride: stride, gradient: gradient, losses: losses)
  return Int(correct.wrappedSum())
}

/// probabilities[row][class] ← softmax(logits[row]), with the treatment of infinities and NaN, the padding and the
/// parameters of `softmaxCrossEntropy`. `probabilities` may be `logits`; its padding columns become 0, its padding rows
/// hold anything.
public func softmax(
  rows: Int, classes: Int, logits: UnsafePointer<Float>, stride: Int,
  probabilities: UnsafeMutablePointer<Float>
) {
  for row in Swift.stride(from: 0, to: rows, by: 8) {
    // The caller owns the padded rows of both arrays.
    _ = unsafe EventSoftmax(
      logits: logits + row * stride, classes: classes, stride: stride, shares: probabilities + row * stride,
      visit: { _, _ in }, share: { power, reciprocal, _ in power * reciprocal })
  }
}

/// indices[row] ← the class with the largest of scores[row][0 ..< classes], the first of equals, or −1 where one of
/// them is NaN.
///
/// `scores` is [row][stride]; the arrays need no padding rows.
public func argMax(
  rows: Int, classes: Int, scores: UnsafePointer<Float>, stride: Int, indices: UnsafeMutablePointer<Int32>
) {
  for row in 0..<rows {
    // The caller owns `rows` rows.
    let score = unsafe scores + row * stride
    var best = 0
    var hasNaN = false
    for index in 0..<classes {
      hasNaN = unsafe hasNaN || score[index].isNaN
      if unsafe score[index] > score[best] { best = index }
    }
    unsafe indices[row] = hasNaN ? -1 : Int32(truncatingIfNeeded: best)
  }
}

/// True in the first `count` lanes.
@inline(__always) func lanesBelow(_ count: Int) -> LaneMask {
  Words(0, 1, 2, 3, 4, 5, 6, 7) .< Words(repeating: Int32(truncatingIfNeeded: min(count, 8)))
}
