extension NetworkSpecification {
  /// Bytes that a rank needs to train, without the events.
  ///
  /// Parameters, their transposed copy, the optimiser's state, and per thread a gradient in single and sums in double precision;
  /// per row of a block, activations and two gradients w.r.t. them, and what hidden layers with extra operations keep.
  ///
  /// - Parameter block: Rows of the largest block of a step.
  public func workingMemory(optimizer: OptimizerOptions, block: Int, threads: Int) -> Double {
    let perParameter = 4 * Double(2 + optimizer.stateNames.count) + 12 * Double(threads)
    // Training and evaluation, whose blocks have 256 events, have scratch of their own.
    let rows = Double((256 + block) * threads)
    let units = sizes.reduce(0.0) { $0 + Double($1) } + 2 * Double(sizes.max() ?? 0)
    let extras = LayerExtras.plan(ParameterLayout(self), rows: 16)
    let skipped = extras.layers.contains(where: \.skip) ? Double(sizes.max() ?? 0) : 0
    return Double(parameterCount) * perParameter + rows * (units + Double(extras.scratch) / 16 + skipped) * 4
  }
}
