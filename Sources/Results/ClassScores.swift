/// How a network scores events whose class is unknown, or is not one of its classes.
package struct ClassScores: Equatable, Sendable {
  /// How many events there are.
  package let events: Int
  /// The mean score of each class, each event counting 1; NaN where a score is not finite.
  package let means: [Double]
  /// How many events have their largest score in each class.
  package let predicted: [Int]

  package init(events: Int, means: [Double], predicted: [Int]) {
    (self.events, self.means, self.predicted) = (events, means, predicted)
  }
}

/// The figures of a process that is not trained on, in metrics.json.
package struct ProcessScores: Encodable, Equatable, Sendable {
  package var name: String
  /// evaluate or data.
  package var use: String
  /// Σw; nil where events have no weights.
  package var sumWeights: Double?
  package var scores: ClassScores

  package init(name: String, use: String, sumWeights: Double?, scores: ClassScores) {
    (self.name, self.use, self.sumWeights, self.scores) = (name, use, sumWeights, scores)
  }

  private enum CodingKeys: String, CodingKey {
    case name, use, events, predicted
    case sumWeights = "sum_weights"
    case meanScores = "mean_scores"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(use, forKey: .use)
    try container.encode(scores.events, forKey: .events)
    try container.encodeIfPresent(sumWeights, forKey: .sumWeights)
    // JSON has no NaN.
    try container.encode(scores.means.map { $0.isFinite ? $0 : nil }, forKey: .meanScores)
    try container.encode(scores.predicted, forKey: .predicted)
  }
}
