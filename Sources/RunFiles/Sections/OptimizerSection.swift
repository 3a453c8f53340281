import NeuralNetwork

// The section `training.optimizer`: an optimiser by its Keras name, and that optimiser's own keys.

extension OptimizerOptions {
  /// The names that `name` may have.
  private enum Name: String, CaseIterable { case sgd }

  init(_ section: RunFileSection) {
    switch section["name"]?.choice() ?? Name.sgd {
    case .sgd: self = .sgd(.init(section))
    }
  }

  /// The section as part of `training`.
  var yaml: String {
    let keys =
      switch self {
      case .sgd(let sgd): sgd.yaml
      }
    return "  optimizer:\n    name: \(name)\n\(keys)"
  }
}

extension SGD {
  /// Defaults: learning rate 0.05, momentum 0.9, no Nesterov, weight decay 0.003. The learning rate is above 0, the decay 0 or more,
  /// the momentum is below 1.
  fileprivate init(_ section: RunFileSection) {
    self.init(
      learningRate: section["learning_rate"]?.number(.above(0)) ?? 0.05,
      momentum: section["momentum"]?.number(.halfOpen(0, 1)) ?? 0.9,
      nesterov: section["nesterov"]?.boolean() ?? false,
      weightDecay: section["weight_decay"]?.number(.atLeast(0)) ?? 0.003)
    if nesterov, momentum == 0 { section.report("nesterov", "does nothing at momentum 0; give momentum or false") }
  }

  fileprivate var yaml: String {
    """
        learning_rate: \(learningRate.yaml)
        momentum: \(momentum.yaml)
        nesterov: \(nesterov)
        weight_decay: \(weightDecay.yaml)
    """
  }
}
