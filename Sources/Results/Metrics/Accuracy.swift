extension Metric {
  /// Share of events whose largest output is their own class, each event counting 1.
  package static let accuracy = Metric("accuracy", prefersSmaller: false) { Double($0.correct) / Double($0.events) }
}
