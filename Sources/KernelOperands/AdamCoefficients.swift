/// What one step of Adam or AdamW does to every parameter (see `AdamMove`).
public struct AdamCoefficients: Sendable {
  /// The learning rate of this step, with the corrections of both moments' bias.
  public var rate: Float
  /// 1 − β₁: what a gradient adds to its running mean.
  public var momentumRate: Float
  /// 1 − β₂: what its square adds to the running mean of squares.
  public var velocityRate: Float
  /// ε, which keeps the divisor above 0.
  public var epsilon: Float
  /// Learning rate · weight decay: the fraction by which a parameter decays.
  public var decay: Float

  public init(rate: Float, momentumRate: Float, velocityRate: Float, epsilon: Float, decay: Float) {
    self.rate = rate
    self.momentumRate = momentumRate
    self.velocityRate = velocityRate
    self.epsilon = epsilon
    self.decay = decay
  }
}
