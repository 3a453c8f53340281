/// How well a network does on some events.
public struct Metrics: Codable, Equatable, Sendable {
  /// Mean categorical cross-entropy, weighted by the events' weights.
  public var loss: Double
  /// Share of events whose largest output is their own class, unweighted.
  public var accuracy: Double
  /// Number of events.
  public var events: Int
  /// Events of each true class (row) by predicted class (column).
  public var confusion: [[Int]]
}
