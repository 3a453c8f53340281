internal import NeuralNetwork

extension RunFile {
  /// Bytes that a rank needs to train, without the events.
  ///
  /// Parameters, their transposed copy, velocities, and per thread a gradient in single and sums in double precision;
  /// per row of a block, activations and two gradients by them.
  func workingMemory(events: Int, threads: Int) -> Double {
    let specification = networkSpecification
    let perParameter = 4.0 * 3 + 12 * Double(threads)
    // Training and evaluation, whose blocks have 256 events, have scratch of their own.
    let rows = Double((256 + min(blockSize, training.batchSize, events)) * threads)
    let units = specification.sizes.reduce(0.0) { $0 + Double($1) } + 2 * Double(specification.sizes.max() ?? 0)
    return Double(specification.parameterCount) * perParameter + rows * units * 4
  }
}
