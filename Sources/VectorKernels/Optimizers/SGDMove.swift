import KernelOperands

/// SGD with momentum and decoupled weight decay by the formulas of Keras 3; the one state buffer is the velocity v:
///
///     w = remaining · w
///     v = momentum · v − learningRate · g
///     w = w + v
///
/// Multiply-adds are fused: v = fma(momentum, v, −(learningRate · g)).
struct SGDMove: ParameterMove {
  let coefficients: SGDCoefficients

  @inline(__always) func callAsFunction<Vector: RegisterVector>(
    _ parameter: UnsafeMutablePointer<Float>, _ state: UnsafeMutablePointer<Float>, _ stateStride: Int,
    _ gradient: Vector
  ) {
    // The caller owns the values at both pointers.
    var v = coefficients.move(gradient)
    unsafe v.addProduct(Vector(repeating: coefficients.momentum), Vector(at: state))
    let w = unsafe coefficients.decayed(Vector(at: parameter)).plus(v)
    unsafe v.store(at: state)
    unsafe w.store(at: parameter)
  }
}

/// The same with Nesterov's look ahead along the new velocity: w = fma(momentum, v, w − learningRate · g).
struct NesterovMove: ParameterMove {
  let coefficients: SGDCoefficients

  @inline(__always) func callAsFunction<Vector: RegisterVector>(
    _ parameter: UnsafeMutablePointer<Float>, _ state: UnsafeMutablePointer<Float>, _ stateStride: Int,
    _ gradient: Vector
  ) {
    // The caller owns the values at both pointers.
    let move = coefficients.move(gradient)
    let momentum = Vector(repeating: coefficients.momentum)
    var v = move
    unsafe v.addProduct(momentum, Vector(at: state))
    var w = unsafe coefficients.decayed(Vector(at: parameter)).plus(move)
    w.addProduct(momentum, v)
    unsafe v.store(at: state)
    unsafe w.store(at: parameter)
  }
}

extension SGDCoefficients {
  /// −(learningRate · g).
  @inline(__always) fileprivate func move<Vector: RegisterVector>(_ gradient: Vector) -> Vector {
    Vector(repeating: -learningRate).times(gradient)
  }

  /// remaining · w.
  @inline(__always) fileprivate func decayed<Vector: RegisterVector>(_ parameters: Vector) -> Vector {
    parameters.times(Vector(repeating: remaining))
  }
}
