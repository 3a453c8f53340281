/// What one step of stochastic gradient descent does to every parameter.
public struct SGDCoefficients: Sendable {
  /// The learning rate of this step.
  public var learningRate: Float
  /// The fraction of the velocity that is kept, 0 ≤ momentum < 1.
  public var momentum: Float
  /// 1 − learning rate · weight decay: what is left of a parameter before the gradient moves it.
  public var remaining: Float
  /// Whether the step looks ahead along the new velocity (Nesterov).
  public var nesterov: Bool

  public init(learningRate: Float, momentum: Float, remaining: Float, nesterov: Bool) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.remaining = remaining
    self.nesterov = nesterov
  }
}
