extension RunFile {
  /// The section `training.optimizer`.
  public struct Optimizer: Equatable, Sendable {
    /// The algorithm. Default and only one so far: stochastic gradient descent.
    public var name: Name
    /// 0 or more. Default: 0.05.
    public var learningRate: Double
    /// The part of the last step that the next one keeps: 0 or more, below 1. Default: 0.9.
    public var momentum: Double
    /// Whether the gradient is taken where the momentum leads (only with momentum). Default: false.
    public var nesterov: Bool
    /// 0 or more. Default: 0.
    public var weightDecay: Double

    /// An optimiser, by its Keras name.
    public enum Name: String, CaseIterable, Sendable {
      /// Stochastic gradient descent.
      case sgd
    }
  }
}

extension RunFile.Optimizer {
  init(_ section: RunFileSection) {
    name = section["name"]?.choice() ?? .sgd
    learningRate = section["learning_rate"]?.number(.atLeast(0)) ?? 0.05
    momentum = section["momentum"]?.number(.halfOpen(0, 1)) ?? 0.9
    nesterov = section["nesterov"]?.boolean() ?? false
    weightDecay = section["weight_decay"]?.number(.atLeast(0)) ?? 0
    if nesterov, momentum == 0 { section.report("nesterov", "does nothing at momentum 0; give momentum or false") }
  }
}
