/// A move by the gradient of the loss with an L2 penalty: g + penalty · w, with one rounding, of the parameter w before the
/// move. `penalty` is twice the penalty's factor: the derivative of l2 · w² is 2 · l2 · w.
struct PenalizedMove<Move: ParameterMove>: ParameterMove {
  let move: Move
  let penalty: Float

  @inline(__always) func callAsFunction<Vector: RegisterVector>(
    _ parameter: UnsafeMutablePointer<Float>, _ state: UnsafeMutablePointer<Float>, _ stateStride: Int,
    _ gradient: Vector
  ) {
    var gradient = gradient
    unsafe gradient.addProduct(Vector(repeating: penalty), Vector(at: parameter))  // The caller owns it.
    unsafe move(parameter, state, stateStride, gradient)
  }
}
