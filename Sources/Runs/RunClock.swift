import Machine
import Training

/// How fast a run has been since it started to train.
struct RunClock {
  private let start = ContinuousClock.now
  private let stepsBefore: Int
  private let stepsPerEpoch: Int
  let epochs: Int

  /// For a run that begins to train at `position`.
  init(_ position: TrainingPosition, epochs: Int, stepsPerEpoch: Int) {
    stepsBefore = position.steps(perEpoch: stepsPerEpoch)
    self.stepsPerEpoch = stepsPerEpoch
    self.epochs = epochs
  }

  var seconds: Double { Machine.seconds(since: start) }

  /// Whether to read the clock after this step: with short steps, reading it each time would cost more than they do.
  func isWorthDrawing(_ position: TrainingPosition) -> Bool { position.step & 0xFF == 0 || stepsPerEpoch < 1000 }

  /// The fraction of the epoch that is done.
  func fraction(_ position: TrainingPosition) -> Double { Double(position.step) / Double(stepsPerEpoch) }

  /// Seconds until the last epoch.
  func secondsLeft(_ position: TrainingPosition) -> Double {
    let done = position.steps(perEpoch: stepsPerEpoch)
    return seconds / Double(done - stepsBefore) * Double(epochs * stepsPerEpoch - done)
  }
}
