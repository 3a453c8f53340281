extension Metric {
  /// Mean of the objective, weighted by the events' weights.
  package static let loss = Metric("loss", prefersSmaller: true) { $0.loss / $0.weight }
}
