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
  let move = SGDMove(coefficients)
  for index in stride(from: 0, to: count, by: 8) {
    // The caller owns `count` values in each array.
    let sum = unsafe UnsafeRawPointer(sums + index).loadUnaligned(as: SIMD8<Double>.self)
    unsafe move(parameters + index, velocity + index, SIMD8<Float>(sum * toMean))
  }
}

/// The same step from sums in float32, which are widened first.
public func updateSGD(
  parameters: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>,
  plainSums sums: UnsafePointer<Float>, count: Int, _ coefficients: SGDCoefficients
) {
  let toMean = SIMD8<Double>(repeating: coefficients.toMean)
  let move = SGDMove(coefficients)
  for index in stride(from: 0, to: count, by: 8) {
    // The caller owns `count` values in each array.
    unsafe move(parameters + index, velocity + index, SIMD8<Float>(widened(load(sums + index)) * toMean))
  }
}

/// The same step on a dense layer from the gradient of a single event, which is never stored: weight (i, o) has the
/// gradient inputs[i] · delta[o], bias o has delta[o].
///
/// - Parameters:
///   - parameters: (inputs + 1, stride), the biases last. `velocity` has the same shape.
///   - input: (inputs), what the event gives into the layer.
///   - delta: (stride), the gradient of the loss by the layer's outputs; padding is zero.
///   - stride: A multiple of 8.
///
/// Products are added to +0, as sums of one term are: a negative zero becomes positive. The bits are those of the
/// gradient's way through `multiply`, `accumulateUnrounded` and `updateSGD`.
public func updateSGD(
  parameters: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>,
  input: UnsafePointer<Float>, inputs: Int, delta: UnsafePointer<Float>, stride: Int, _ coefficients: SGDCoefficients
) {
  // Without event weights the sum is the mean, bit for bit.
  if coefficients.toMean == 1 {
    unsafe updateLayer(parameters, velocity, input, inputs, delta, stride, SGDMove(coefficients)) { $0 }
  } else {
    let toMean = SIMD8<Double>(repeating: coefficients.toMean)
    unsafe updateLayer(parameters, velocity, input, inputs, delta, stride, SGDMove(coefficients)) {
      SIMD8<Float>(widened($0) * toMean)
    }
  }
}

@inline(__always)
private func updateLayer(
  _ parameters: UnsafeMutablePointer<Float>, _ velocity: UnsafeMutablePointer<Float>, _ input: UnsafePointer<Float>,
  _ inputs: Int, _ delta: UnsafePointer<Float>, _ stride: Int, _ move: SGDMove, mean: (Lanes) -> Lanes
) {
  var parameter = unsafe parameters
  var speed = unsafe velocity
  for row in 0...inputs {
    // The caller owns inputs + 1 rows.
    let x = unsafe Lanes(repeating: row < inputs ? input[row] : 1)
    var column = 0
    while column < stride {
      let gradient = unsafe Lanes().addingProduct(x, load(delta + column))
      unsafe move(parameter + column, speed + column, mean(gradient))
      column &+= 8
    }
    unsafe parameter += stride
    unsafe speed += stride
  }
}

/// The formulas of `updateSGD` for eight parameters.
private struct SGDMove {
  let learningRate: Lanes
  let momentum: Lanes
  let remaining: Lanes
  let nesterov: Bool

  @inline(__always) init(_ coefficients: SGDCoefficients) {
    learningRate = Lanes(repeating: coefficients.learningRate)
    momentum = Lanes(repeating: coefficients.momentum)
    remaining = Lanes(repeating: coefficients.remaining)
    nesterov = coefficients.nesterov
  }

  @inline(__always) func callAsFunction(
    _ parameter: UnsafeMutablePointer<Float>, _ velocity: UnsafeMutablePointer<Float>, _ gradient: Lanes
  ) {
    // The caller owns eight values at both pointers.
    let move = learningRate * gradient
    let kept = unsafe load(parameter) * remaining
    let v = unsafe (-move).addingProduct(momentum, load(velocity))
    let w = nesterov ? (kept - move).addingProduct(momentum, v) : kept + v
    unsafe store(v, velocity)
    unsafe store(w, parameter)
  }
}
