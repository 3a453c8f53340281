import NeuralNetwork

extension OptimizerOptions {
  /// The options of stochastic gradient descent; all zero for another optimiser.
  var sgd: SGD {
    get {
      guard case .sgd(let sgd) = self else { return SGD(learningRate: 0) }
      return sgd
    }
    set { self = .sgd(newValue) }
  }
}
