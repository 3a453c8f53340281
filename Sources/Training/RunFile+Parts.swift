internal import Events
internal import NeuralNetwork

extension RunFile {
  /// The network that the run file describes.
  var networkSpecification: NetworkSpecification {
    NetworkSpecification(
      inputs: data.features.count,
      hidden: zip(network.hidden, network.activations).map { .init(units: $0, activation: $1) },
      classes: data.processes.count)
  }

  /// Events in a block: what the run file says, or else the program's rule.
  var blockSize: Int {
    training.block
      ?? BlockPlan.defaultBlock(
        batchSize: training.batchSize, parameters: networkSpecification.parameterCount)
  }

  /// The same with the size of a block written out: it decides the bits, whatever a later version's rule is.
  var withBlock: RunFile {
    var run = self
    run.training.block = blockSize
    return run
  }
}

extension RunFile.Optimizer {
  /// What the optimiser needs to know.
  var options: SGD.Options {
    SGD.Options(learningRate: learningRate, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
  }
}

extension RunFile.ClassWeights {
  /// What the data set needs to know.
  var forDataset: Dataset.ClassWeights {
    switch self {
    case .none: .none
    case .balanced: .balanced
    case .perProcess(let weights): .perProcess(weights)
    }
  }
}
