package import KernelOperands
package import NeuralNetwork
package import Training

extension Trainer.Options {
  /// The training whose steps are measured: Keras's usual momentum, a cosine schedule that hardly moves, a learning rate with
  /// which nothing diverges.
  package init(benchmarking sizes: [Int], activation: Activation, batchSize: Int, reduction: Reduction) {
    self.init(
      network: NetworkSpecification(
        inputs: sizes[0], hidden: sizes.dropFirst().dropLast().map { .init(units: $0, activation: activation) },
        classes: sizes[sizes.count - 1]),
      initializer: .heUniform, optimizer: .sgd(.init(learningRate: 0.001, momentum: 0.9)),
      schedule: .cosine(final: 0.01), batchSize: batchSize, epochs: 1_000_000, seed: 42, reduction: reduction)
  }
}
