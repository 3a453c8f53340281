extension Metric {
  /// Mean of the objective over the events: Σ t·ℓ / (n·t̄) over those of the training, with weights t of mean t̄. Where events have
  /// weights of their own, an evaluation is Σ v·ℓ / Σ v over its events.
  package static let loss = Metric("loss", prefersSmaller: true, usesWeights: true) {
    $0.loss / Double($0.events)
  }
}
