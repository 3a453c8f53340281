/// Counts and weights of the events of a process, of one class or of all.
struct EventGroup: Sendable {
  var counts = EventCounts()
  /// Zero if events have no weights.
  var weights = WeightSums()
}
