/// Lowers the learning rate when the monitored metric on the validation events has stopped improving: Keras'
/// `ReduceLROnPlateau`.
public struct Plateau: Equatable, Sendable, Codable {
  /// What the learning rate is multiplied by, 0 ≤ factor < 1.
  public var factor: Double
  /// Epochs without a better value after which it falls, 1 or more.
  public var patience: Int
  /// By how much a value must be better than the best so far to count, 0 or more.
  public var minDelta: Double
  /// Epochs after a reduction during which nothing is counted (cooldown).
  public var cooldown: Int
  /// The lower limit of the learning rate.
  public var minLearningRate: Double

  public init(
    factor: Double = 0.1, patience: Int = 10, minDelta: Double = 1e-4, cooldown: Int = 0, minLearningRate: Double = 0
  ) {
    self.factor = factor
    self.patience = patience
    self.minDelta = minDelta
    self.cooldown = cooldown
    self.minLearningRate = minLearningRate
  }

  /// How far it has come: part of the training's state.
  public struct State: Equatable, Sendable, Codable {
    /// The learning rate now, before a warm-up.
    public var learningRate: Double
    /// The best value so far that counted.
    public var best: Double?
    /// Epochs since then in which values were counted.
    public var wait: Int
    /// Remaining epochs of the cooldown.
    public var rest: Int

    /// As in the metadata of checkpoints.
    private enum CodingKeys: String, CodingKey { case learningRate = "learning_rate", best, wait, rest }

    public init(learningRate: Double, best: Double? = nil, wait: Int = 0, rest: Int = 0) {
      self.learningRate = learningRate
      self.best = best
      self.wait = wait
      self.rest = rest
    }

    /// Whether it is a valid state, for one read from a file.
    public var isSound: Bool { learningRate.isFinite && learningRate >= 0 && wait >= 0 && rest >= 0 }
  }

  /// Takes in the value of the monitored metric after an epoch; returns whether the learning rate falls.
  public func update(_ state: inout State, value: Double, prefersSmaller: Bool) -> Bool {
    if state.rest > 0 {
      state.rest -= 1
      state.wait = 0
    }
    let isBetter =
      switch state.best {
      // As in Keras, where the best value starts as ±∞; NaN is never better.
      case nil: prefersSmaller ? value < .infinity : value > -.infinity
      case let best?: prefersSmaller ? value < best - minDelta : value > best + minDelta
      }
    if isBetter {
      state.best = value
      state.wait = 0
    } else if state.rest == 0 {
      state.wait += 1
      if state.wait >= patience, state.learningRate > minLearningRate {
        state.learningRate = max(state.learningRate * factor, minLearningRate)
        state.rest = cooldown
        state.wait = 0
        return true
      }
    }
    return false
  }
}
