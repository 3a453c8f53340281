import KernelOperands

/// Adam, and AdamW, which is Adam with another default of the decay, by the formulas of Keras 3 (see `AdamMove`).
public struct Adam: Equatable, Sendable, Codable {
  /// The learning rate before the schedule.
  public var learningRate: Double
  /// The share of the running mean of gradients that a step keeps, 0 ≤ β₁ < 1.
  public var beta1: Double
  /// The share of the running mean of their squares that a step keeps, 0 ≤ β₂ < 1.
  public var beta2: Double
  /// Added to the root of that mean, at least 10⁻¹²; gradients much larger than this count fully.
  public var epsilon: Double
  /// Decoupled weight decay: each step reduces every parameter by the fraction learning rate × weight decay.
  public var weightDecay: Double

  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// By their names in Keras: m and v of the formulas.
  static let stateNames = ["momentum", "velocity"]
}

/// The coefficients of Adam's steps, whose corrections of the moments' bias depend on the number of the step.
struct AdamSteps {
  private let adam: Adam
  private var firstPowers: Powers
  private var secondPowers: Powers

  init(_ adam: Adam) {
    self.adam = adam
    firstPowers = Powers(of: adam.beta1)
    secondPowers = Powers(of: adam.beta2)
  }

  /// Those of step number `step` of the whole training, from 0, with this learning rate:
  /// rate = learning rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ) for t = step + 1, in double, rounded once.
  mutating func coefficients(learningRate: Double, step: Int) -> AdamCoefficients {
    let root = (1 - secondPowers[step + 1]).squareRoot()
    return AdamCoefficients(
      rate: Float(learningRate * root / (1 - firstPowers[step + 1])), momentumRate: Float(1 - adam.beta1),
      velocityRate: Float(1 - adam.beta2), epsilon: Float(adam.epsilon), decay: Float(learningRate * adam.weightDecay))
  }
}
