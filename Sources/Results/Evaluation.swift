/// How well a network does on some events.
package struct Evaluation: Equatable, Sendable {
  package let metrics: MetricValues
  /// Number of events.
  package let events: Int
  /// Events of each true class (row) by predicted class (column).
  package let confusion: [[Int]]

  package init(_ statistics: Statistics) {
    metrics = MetricValues(statistics)
    events = statistics.events
    confusion = statistics.confusion
  }
}

extension Evaluation: Encodable {
  private enum CodingKeys: String, CodingKey { case events, confusion }

  /// The metrics stand beside the other keys, each under its name.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(events, forKey: .events)
    try container.encode(confusion, forKey: .confusion)
    try metrics.encode(to: encoder)
  }
}
