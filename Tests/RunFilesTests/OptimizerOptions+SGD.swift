import NeuralNetwork

extension OptimizerOptions {
  /// The options of stochastic gradient descent; all zero for another optimiser.
  var sgd: SGD {
    get {
      guard case .sgd(let sgd) = formulas else { return SGD(learningRate: 0) }
      return sgd
    }
    set { formulas = .sgd(newValue) }
  }
}
