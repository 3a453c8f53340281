import KernelOperands

/// Stochastic gradient descent with momentum, by the formulas of Keras 3 (see `SGDMove`).
public struct SGD: Equatable, Sendable, Codable {
  /// The learning rate before the schedule.
  public var learningRate: Double
  /// The fraction of the velocity that is kept, 0 ≤ momentum < 1.
  public var momentum: Double
  /// Whether to look ahead along the velocity.
  public var nesterov: Bool
  /// Decoupled weight decay: each step reduces every parameter by the fraction learning rate × weight decay.
  public var weightDecay: Double

  public init(learningRate: Double, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  static let stateNames = ["velocity"]

  /// Those of a step with this learning rate.
  func coefficients(learningRate: Double) -> SGDCoefficients {
    SGDCoefficients(
      learningRate: Float(learningRate), momentum: Float(momentum), remaining: Float(1 - learningRate * weightDecay),
      nesterov: nesterov)
  }
}
