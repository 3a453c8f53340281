/// The formulas of one optimiser, for as many parameters as a vector has lanes.
///
/// What a move chooses between is a type of its own, not a value: its loops then have no branch.
protocol ParameterMove {
  /// Moves the parameters at `parameter` by their mean gradient.
  ///
  /// `state` points to their values in the first state buffer of the optimiser; those in the next one are `stateStride` further.
  func callAsFunction<Vector: RegisterVector>(
    _ parameter: UnsafeMutablePointer<Float>, _ state: UnsafeMutablePointer<Float>, _ stateStride: Int,
    _ gradient: Vector)
}
