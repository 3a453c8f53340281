/// A figure of merit: a name and a function of what was counted. History, status, best epoch, early stopping and printing use
/// only names; a new metric is a file in `Metrics` and a name in ``all``.
package struct Metric: Sendable {
  /// What has to be counted for a metric.
  package enum Need: Comparable, Sendable {
    /// What every step counts: the metric is then known for training epochs too.
    case steps
    /// What every evaluation counts.
    case evaluation
    /// The scores of all events.
    case scores
  }

  /// As in the run file, `history.csv` and `metrics.json`: `training_loss` is the metric `loss` of the training events.
  package let name: String
  /// A short name for a column of the printed table.
  package let title: String
  /// Whether the smaller of two values is the better one.
  package let prefersSmaller: Bool
  /// Whether events count by their weights in the training; else each counts the same.
  package let usesWeights: Bool
  package let needs: Need
  package let value: @Sendable (Statistics) -> Double

  package init(
    _ name: String, title: String? = nil, prefersSmaller: Bool, usesWeights: Bool = false, needs: Need = .steps,
    _ value: @escaping @Sendable (Statistics) -> Double
  ) {
    self.name = name
    self.title = title ?? name
    self.prefersSmaller = prefersSmaller
    self.usesWeights = usesWeights
    self.needs = needs
    self.value = value
  }

  /// Those that there are.
  package static let all: [Metric] = [.loss, .accuracy, .weightedAccuracy, .auc]

  /// The one of this name.
  package init?(named name: String) {
    guard let metric = Self.all.first(where: { $0.name == name }) else { return nil }
    self = metric
  }

  /// Whether `value` is better than `other` by more than `margin`, at least 0; NaN never is, and any finite value is better than
  /// none.
  package func isBetter(_ value: Double, than other: Double?, by margin: Double = 0) -> Bool {
    prefersSmaller ? value + margin < other ?? .infinity : value - margin > other ?? -.infinity
  }
}

extension Metric: Equatable, Codable {
  package static func == (first: Metric, second: Metric) -> Bool { first.name == second.name }

  /// By its name.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let metric = Metric(named: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no metric of this name")
    }
    self = metric
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension [Metric] {
  /// Those that are known for training epochs.
  package var ofSteps: [Metric] { filter { $0.needs == .steps } }

  /// Whether one of them needs the scores of all events.
  package var needScores: Bool { contains { $0.needs == .scores } }
}
