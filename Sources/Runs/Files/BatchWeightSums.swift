import Results

/// The sums over the steps of an epoch in checkpoints of format 2, whose steps were divided by the weights of their batch.
struct BatchWeightSums: Decodable {
  /// Sum of loss × weight.
  private let loss: Double
  /// Sum of the events' weights.
  private let weight: Double
  private let events: Int
  private let correct: Int

  /// The same in terms of the mean weight, that of these events: exact where all weights are equal, and no other training of that
  /// format goes on.
  var statistics: Statistics {
    let meanWeight = events > 0 ? weight / Double(events) : 1
    return Statistics(loss: loss / meanWeight, events: events, correct: correct)
  }
}
