/// The learning rate of every step of a training: base × warm-up × schedule.
public struct LearningRate: Equatable, Sendable {
  /// What the optimiser's options say.
  public let base: Double
  public let schedule: LearningRateSchedule
  /// The learning rate grows linearly over this many steps at the start; 0 for none. The schedule runs meanwhile.
  public let warmupSteps: Double
  /// Steps of the whole training.
  public let steps: Int
  public let stepsPerEpoch: Int
  /// How far a ``LearningRateSchedule/plateau(_:)`` has come: part of the training's state; nil for another schedule.
  public var plateau: Plateau.State?

  public init(base: Double, schedule: LearningRateSchedule, warmupSteps: Double, steps: Int, stepsPerEpoch: Int) {
    self.base = base
    self.schedule = schedule
    self.warmupSteps = warmupSteps
    self.steps = steps
    self.stepsPerEpoch = stepsPerEpoch
    plateau = schedule.plateau.map { _ in Plateau.State(learningRate: base) }
  }

  /// The learning rate at step number `step` of the whole training, from 0.
  public func callAsFunction(atStep step: Int) -> Double {
    let warm = warmupSteps > 0 ? min(1, Double(step + 1) / warmupSteps) : 1
    let base = plateau?.learningRate ?? base
    return base * (warm * schedule.factor(step: step, of: steps, stepsPerEpoch: stepsPerEpoch))
  }

  /// Takes in the value of the monitored metric after an epoch, for a schedule that follows it; returns whether the learning
  /// rate falls.
  public mutating func update(value: Double, prefersSmaller: Bool) -> Bool {
    guard let settings = schedule.plateau, var state = plateau else { return false }
    defer { plateau = state }
    return settings.update(&state, value: value, prefersSmaller: prefersSmaller)
  }
}
