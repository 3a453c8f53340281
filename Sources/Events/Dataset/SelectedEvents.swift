/// The number and weight of events that pass or fail a selection.
public struct SelectedEvents: Codable, Equatable, Sendable {
  public var events = 0
  /// Σw of the usable weights (all are usable among selected events); the number of events if they have no weights.
  public var weight = 0.0

  static func += (a: inout SelectedEvents, b: SelectedEvents) {
    a.events += b.events
    a.weight += b.weight
  }
}
