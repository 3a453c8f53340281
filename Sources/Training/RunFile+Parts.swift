internal import Events
internal import NeuralNetwork

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
