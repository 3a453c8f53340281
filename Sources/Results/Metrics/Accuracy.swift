extension Metric {
  /// Share of events whose largest output is their own class, unweighted.
  package static let accuracy = Metric("accuracy", prefersSmaller: false) { Double($0.correct) / Double($0.events) }
}
