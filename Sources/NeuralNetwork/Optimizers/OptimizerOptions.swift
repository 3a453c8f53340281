import KernelOperands

/// What the run file says about the optimiser: one case per optimiser.
public enum OptimizerOptions: Equatable, Sendable, Codable {
  case sgd(SGD)

  /// The name of the optimiser in the run file.
  public var name: String {
    switch self {
    case .sgd: "sgd"
    }
  }

  /// The learning rate before schedule and warm-up.
  public var learningRate: Double {
    switch self {
    case .sgd(let sgd): sgd.learningRate
    }
  }

  /// The share of the velocity that a step keeps; nil for an optimiser without one.
  public var momentum: Double? {
    switch self {
    case .sgd(let sgd): sgd.momentum
    }
  }

  /// The names of the optimiser's state buffers, in order.
  public var stateNames: [String] {
    switch self {
    case .sgd: SGD.stateNames
    }
  }

  /// What a step with this learning rate does to every parameter.
  func coefficients(learningRate: Double) -> MoveCoefficients {
    switch self {
    case .sgd(let sgd): .sgd(sgd.coefficients(learningRate: learningRate))
    }
  }
}
