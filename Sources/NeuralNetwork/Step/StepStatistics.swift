/// The sums of a step besides the gradient, as plain numbers.
public struct StepStatistics: Sendable {
  /// Sum of loss × weight over all events.
  public let loss: Double
  /// Sum of losses over all events, each counting 1; 0 while training.
  public let unweightedLoss: Double
  public let events: Int
  /// Number of events whose largest output is their own class.
  public let correct: Int
  /// Number of blocks with a loss or gradient that is not finite. If it is not zero, no other sum is meaningful.
  public let nonFiniteBlocks: Int
  /// How many ranks want to stop after this step.
  public let stopRequests: Int
}

extension GradientEngine {
  /// The statistics of the last call. In another module, each look at ``sums`` allocates the frame of a coroutine: this does not.
  public var statistics: StepStatistics {
    // Worker 0 has the total.
    unsafe StepStatistics(
      loss: workers[0].sums.loss, unweightedLoss: workers[0].sums.unweightedLoss,
      events: workers[0].sums.events,
      correct: workers[0].sums.correct, nonFiniteBlocks: workers[0].sums.nonFiniteBlocks,
      stopRequests: workers[0].sums.stopRequests)
  }
}
