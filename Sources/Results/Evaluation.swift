/// How well a network performs on some events.
package struct Evaluation: Equatable, Sendable {
  package let metrics: MetricValues
  /// The metric `loss`, whether or not it is among `metrics`.
  package let loss: Double
  /// Mean of the objective over the events, each counting 1: the metric `loss` without the training's weights.
  package let unweightedLoss: Double
  /// Number of events.
  package let events: Int
  /// Events of each true class (row) by predicted class (column).
  package let confusion: [[Int]]
  /// How well scores rank the events; nil where no metric asks.
  package let ranking: Ranking?
  /// Whether the network gives all events the same scores; nil where nobody asked.
  package let hasConstantScores: Bool?

  package init(_ statistics: Statistics, _ metrics: [Metric], hasConstantScores: Bool? = nil) {
    self.metrics = MetricValues(statistics, metrics)
    loss = Metric.loss.value(statistics)
    unweightedLoss = statistics.unweightedLoss / Double(statistics.events)
    events = statistics.events
    confusion = statistics.confusion
    ranking = statistics.ranking
    self.hasConstantScores = hasConstantScores
  }

  /// The classes that have events here but are never predicted.
  package var neverPredicted: [Int] {
    confusion.indices.filter { index in
      confusion[index].contains { $0 > 0 } && confusion.allSatisfy { $0[index] == 0 }
    }
  }
}

extension Evaluation: Encodable {
  private enum CodingKeys: String, CodingKey {
    case events, confusion
    case unweightedLoss = "unweighted_loss"
    case areas = "auc_by_class"
    case bound = "auc_bound"
  }

  /// Each metric is a key of its own, next to the other keys.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(events, forKey: .events)
    try container.encode(confusion, forKey: .confusion)
    try container.encode(unweightedLoss, forKey: .unweightedLoss)
    if let ranking {
      // Of two classes there is one area, which is the metric itself.
      if ranking.areas.count > 1 { try container.encode(ranking.areas, forKey: .areas) }
      try container.encode(ranking.bound, forKey: .bound)
    }
    try metrics.encode(to: encoder)
  }
}
