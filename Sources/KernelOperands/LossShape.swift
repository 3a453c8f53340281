/// How a cross-entropy Σ y (1 − p)^γ (−ln p) over the classes differs from the plain one.
public struct LossShape: Equatable, Sendable {
  /// The target y of an event's own class.
  public var own: Float
  /// That of every other class.
  public var other: Float
  /// The exponent γ of a focal loss; 0: a factor of 1.
  public var gamma: Float

  public init(own: Float = 1, other: Float = 0, gamma: Float = 0) {
    self.own = own
    self.other = other
    self.gamma = gamma
  }
}
