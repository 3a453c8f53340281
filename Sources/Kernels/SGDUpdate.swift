/// What one step of stochastic gradient descent does to every parameter.
public struct SGDCoefficients: Sendable {
  /// Turns a sum in grid units into the mean gradient: 1 / (grid scale · sum of event weights).
  public var toMean: Double
  /// The learning rate of this step.
  public var learningRate: Float
  /// The share of the velocity that is kept, 0 ≤ momentum < 1.
  public var momentum: Float
  /// 1 − learning rate · weight decay: what is left of a parameter before the gradient moves it.
  public var remaining: Float
  /// Whether the step looks ahead along the new velocity (Nesterov).
  public var nesterov: Bool

  /// All coefficients by name.
  public init(toMean: Double, learningRate: Float, momentum: Float, remaining: Float, nesterov: Bool) {
    self.toMean = toMean
    self.learningRate = learningRate
    self.momentum = momentum
    self.remaining = remaining
    self.nesterov = nesterov
  }
}

/// One step of SGD on `count` parameters (a multiple of 8) from summed gradients, by the formulas of Keras 3:
///
///     g = float32(sum · toMean)
///     w = remaining · w                                  (decoupled weight decay)
///     v = momentum · v − learningRate · g
///     w = w + v              or, with Nesterov,   w = w + momentum · v − learningRate · g
///
/// Multiply-adds are fused: v = fma(momentum, v, −(learningRate · g)), Nesterov w = fma(momentum, v, w − learningRate · g).
/// The arrays do not overlap.
public func updateSGD(
  parameters: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>,
  sums: UnsafePointer<Double>, count: Int, _ coefficients: SGDCoefficients
) {
  let toMean = SIMD8<Double>(repeating: coefficients.toMean)
  let learningRate = SIMD8<Float>(repeating: coefficients.learningRate)
  let momentum = SIMD8<Float>(repeating: coefficients.momentum)
  let remaining = SIMD8<Float>(repeating: coefficients.remaining)
  for index in stride(from: 0, to: count, by: 8) {
    let sum = unsafe UnsafeRawPointer(sums + index).loadUnaligned(as: SIMD8<Double>.self)
    let parameter = unsafe UnsafeMutableRawPointer(parameters + index)
    let speed = unsafe UnsafeMutableRawPointer(velocity + index)
    let move = learningRate * SIMD8<Float>(sum * toMean)
    let kept = unsafe parameter.loadUnaligned(as: SIMD8<Float>.self) * remaining
    let v = unsafe (-move).addingProduct(momentum, speed.loadUnaligned(as: SIMD8<Float>.self))
    let w = coefficients.nesterov ? (kept - move).addingProduct(momentum, v) : kept + v
    unsafe speed.storeBytes(of: v, as: SIMD8<Float>.self)
    unsafe parameter.storeBytes(of: w, as: SIMD8<Float>.self)
  }
}

/// B = Aᵀ: `b[c * bStride + r] = a[r * aStride + c]` for rows × columns values of A. The rest of B is left alone.
public func transpose(
  rows: Int, columns: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafeMutablePointer<Float>, bStride: Int
) {
  for column in 0..<columns {
    var from = unsafe a + column
    let to = unsafe b + column * bStride
    for row in 0..<rows {
      unsafe to[row] = from[0]
      unsafe from += aStride
    }
  }
}
