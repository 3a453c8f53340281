/// The learning rate of every step of a training: base × warm-up × schedule.
public struct LearningRate: Equatable, Sendable {
  /// What the optimiser's options say.
  public let base: Double
  public let schedule: LearningRateSchedule
  /// The learning rate grows linearly over so many steps at the start; 0 for none.
  public let warmupSteps: Double
  /// Steps of the whole training.
  public let steps: Int
  public let stepsPerEpoch: Int

  public init(base: Double, schedule: LearningRateSchedule, warmupSteps: Double, steps: Int, stepsPerEpoch: Int) {
    self.base = base
    self.schedule = schedule
    self.warmupSteps = warmupSteps
    self.steps = steps
    self.stepsPerEpoch = stepsPerEpoch
  }

  /// The learning rate at step number `step` of the whole training, from 0.
  public func callAsFunction(atStep step: Int) -> Double {
    let warm = warmupSteps > 0 ? min(1, Double(step + 1) / warmupSteps) : 1
    return base * (warm * schedule.factor(step: step, of: steps, stepsPerEpoch: stepsPerEpoch))
  }
}
