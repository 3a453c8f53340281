/// The values of some metrics for some events.
package struct MetricValues: Equatable, Sendable {
  package let metrics: [Metric]
  /// A value for each of them.
  package let values: [Double]

  package init(_ statistics: Statistics, _ metrics: [Metric]) {
    self.init(values: metrics.map { $0.value(statistics) }, of: metrics)
  }

  package init(values: [Double], of metrics: [Metric]) {
    precondition(values.count == metrics.count, "a value for each metric")
    self.metrics = metrics
    self.values = values
  }

  /// The value of the metric of this name; nil if it is not among these.
  package subscript(name: String) -> Double? {
    metrics.firstIndex { $0.name == name }.map { values[$0] }
  }

  /// The value of a metric; NaN if it is not among these.
  package subscript(metric: Metric) -> Double { self[metric.name] ?? .nan }
}

extension MetricValues: Encodable {
  /// As keys of whatever contains it.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: TextKey.self)
    for (metric, value) in zip(metrics, values) { try container.encode(value, forKey: TextKey(metric.name)) }
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
