package import KernelOperands
package import NeuralNetwork
package import Training

/// The optimisers that can be measured, by their names in run files.
package enum BenchmarkOptimizer: String, CaseIterable, Sendable {
  case sgd, adam, adamw

  /// Keras's usual settings, and a learning rate with which nothing diverges.
  var options: OptimizerOptions {
    switch self {
    case .sgd: .sgd(.init(learningRate: 0.001, momentum: 0.9))
    case .adam: .adam(.init())
    case .adamw: .adamw(.init(weightDecay: 0.004))
    }
  }
}

extension Trainer.Options {
  /// The training whose steps are measured: a cosine schedule that hardly moves, a learning rate with which nothing diverges.
  package init(
    benchmarking sizes: [Int], activation: Activation, options: HiddenOptions = HiddenOptions(),
    optimizer: BenchmarkOptimizer = .sgd, batchSize: Int,
    reduction: Reduction
  ) {
    self.init(
      network: NetworkSpecification(
        inputs: sizes[0], hidden: options.layers(sizes, activation: activation), classes: sizes[sizes.count - 1]),
      initializer: .heUniform, optimizer: optimizer.options,
      schedule: .cosine(final: 0.01), batchSize: batchSize, epochs: 1_000_000, seed: 42, reduction: reduction)
  }
}
