/// A figure of merit: a name and a function of what was counted. History, status, best epoch, early stopping and printing know
/// only names; a new metric is a file in `Metrics` and a line in ``all``.
package struct Metric: Sendable {
  /// As in `history.csv` and `metrics.json`: `training_loss` is the metric `loss` of the training events.
  package let name: String
  /// Whether the smaller of two values is the better one.
  package let prefersSmaller: Bool
  /// Whether events count by their weights in the training; else each counts the same.
  package let usesWeights: Bool
  package let value: @Sendable (Statistics) -> Double

  package init(
    _ name: String, prefersSmaller: Bool, usesWeights: Bool = false, _ value: @escaping @Sendable (Statistics) -> Double
  ) {
    self.name = name
    self.prefersSmaller = prefersSmaller
    self.usesWeights = usesWeights
    self.value = value
  }

  /// Those of every epoch and evaluation, in the order of their columns.
  package static let all: [Metric] = [.loss, .accuracy]

  /// The one that decides on the validation events which epoch is the best, and when training stops early.
  package static let monitored = Metric.loss

  /// Whether `value` is better than `other`; NaN never is, and any finite value is better than none.
  package func isBetter(_ value: Double, than other: Double?) -> Bool {
    prefersSmaller ? value < other ?? .infinity : value > other ?? -.infinity
  }
}

/// The values of all metrics for some events.
package struct MetricValues: Equatable, Sendable {
  /// In the order of ``Metric/all``.
  package let values: [Double]

  package init(_ statistics: Statistics) { values = Metric.all.map { $0.value(statistics) } }

  /// One value for each of ``Metric/all``.
  package init(values: [Double]) {
    precondition(values.count == Metric.all.count, "a value for each metric")
    self.values = values
  }

  /// The value of the metric of this name.
  package subscript(name: String) -> Double? {
    Metric.all.firstIndex { $0.name == name }.map { values[$0] }
  }

  package var monitored: Double { self[Metric.monitored.name] ?? .nan }
}

extension MetricValues: Encodable {
  /// As keys of whatever contains it.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: TextKey.self)
    for (metric, value) in zip(Metric.all, values) { try container.encode(value, forKey: TextKey(metric.name)) }
  }
}

/// Any text as a key.
package struct TextKey: CodingKey {
  package let stringValue: String
  package var intValue: Int? { nil }

  package init(_ name: String) { stringValue = name }
  package init?(stringValue: String) { self.init(stringValue) }
  package init?(intValue: Int) { nil }
}
