internal import NeuralNetwork

extension RunFile {
  /// The run whose steps are measured: Keras's usual momentum, a cosine schedule that hardly moves, a learning rate with
  /// which nothing diverges. It has no files.
  init(benchmarking sizes: [Int], activation: Activation, batchSize: Int, reduction: Reduction) throws(RunFileError) {
    try self.init(
      yaml: """
        name: benchmark
        data: {processes: [{name: a, files: [a.txt]}, {name: b, files: [b.txt]}], features: [x]}
        training:
          optimizer: {name: sgd, learning_rate: 0.001, momentum: 0.9}
          schedule: {cosine: {final: 0.01}}
          epochs: 1000000
          class_weights: none
        """, named: "benchmark")
    data.features = (0..<sizes[0]).map { "feature\($0)" }
    data.processes = Array(repeating: data.processes[0], count: sizes[sizes.count - 1])
    network.hidden = Array(sizes.dropFirst().dropLast())
    network.activations = network.hidden.map { _ in activation }
    training.batchSize = batchSize
    training.reduction = reduction
  }
}
