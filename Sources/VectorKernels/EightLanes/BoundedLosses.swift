/// Bounds the losses of events of negative weight, which a cross-entropy alone does not: where weight < 0 and loss < bound ·
/// weight, the loss becomes bound · weight and the gradient 0. Others stay as they are, NaN too.
///
/// - Parameters:
///   - bound: The largest loss of an event of weight 1 that has a gradient.
///   - weights: [row].
///   - gradient: [row][stride].
///   - losses: [row], loss × weight.
public func boundNegativeLosses(
  rows: Int, bound: Float, weights: UnsafePointer<Float>, stride: Int, gradient: UnsafeMutablePointer<Float>,
  losses: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    // The caller owns `rows` rows.
    let limit = unsafe bound * weights[row]
    guard unsafe limit < 0 && losses[row] < limit else { continue }
    unsafe losses[row] = limit
    unsafe (gradient + row * stride).update(repeating: 0, count: stride)
  }
}
