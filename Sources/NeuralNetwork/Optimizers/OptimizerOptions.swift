/// What the run file says about the optimiser: its formulas, and what all optimisers share.
public struct OptimizerOptions: Equatable, Sendable, Codable {
  /// One case per optimiser.
  public enum Formulas: Equatable, Sendable, Codable {
    case sgd(SGD)
    case adam(Adam)
    /// Adam under the name AdamW, with which the decay has another default.
    case adamw(Adam)
  }

  public var formulas: Formulas
  /// The largest norm of the gradient of all parameters together, to which longer ones are clipped. nil: no clipping.
  public var globalClipNorm: Double?
  /// The fraction of the parameters' running mean that a step keeps; the mean is then the model. nil: the parameters are the model.
  public var ema: Double?
  /// Whether biases and other parameters that are not weights decay too.
  public var decaysBiases: Bool

  public init(
    _ formulas: Formulas, globalClipNorm: Double? = nil, ema: Double? = nil, decaysBiases: Bool = true
  ) {
    self.formulas = formulas
    self.globalClipNorm = globalClipNorm
    self.ema = ema
    self.decaysBiases = decaysBiases
  }

  public static func sgd(_ sgd: SGD) -> OptimizerOptions { OptimizerOptions(.sgd(sgd)) }
  public static func adam(_ adam: Adam) -> OptimizerOptions { OptimizerOptions(.adam(adam)) }
  public static func adamw(_ adam: Adam) -> OptimizerOptions { OptimizerOptions(.adamw(adam)) }
}

extension OptimizerOptions {
  /// The name of the optimiser in the run file.
  public var name: String {
    switch formulas {
    case .sgd: "sgd"
    case .adam: "adam"
    case .adamw: "adamw"
    }
  }

  /// The learning rate before schedule and warm-up.
  public var learningRate: Double {
    switch formulas {
    case .sgd(let sgd): sgd.learningRate
    case .adam(let adam), .adamw(let adam): adam.learningRate
    }
  }

  /// Decoupled weight decay.
  public var weightDecay: Double {
    switch formulas {
    case .sgd(let sgd): sgd.weightDecay
    case .adam(let adam), .adamw(let adam): adam.weightDecay
    }
  }

  /// The share of the velocity that a step keeps; nil for an optimiser whose steps do not grow with it.
  public var momentum: Double? {
    switch formulas {
    case .sgd(let sgd): sgd.momentum
    case .adam, .adamw: nil
    }
  }

  /// The name of the running mean of the parameters among the state buffers.
  public static let averageName = "average"

  /// The names of the state buffers, in order: those of the formulas, then the parameters' running mean if there is one.
  public var stateNames: [String] { formulas.stateNames + (ema == nil ? [] : [Self.averageName]) }
}

extension OptimizerOptions.Formulas {
  /// The names of the buffers that the formulas work with, in order.
  var stateNames: [String] {
    switch self {
    case .sgd: SGD.stateNames
    case .adam, .adamw: Adam.stateNames
    }
  }
}
