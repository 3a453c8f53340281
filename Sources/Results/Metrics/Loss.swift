extension Metric {
  /// Mean of the objective over the events, Σ t·ℓ / (n·t̄): weighted as in the training, negative where negative weights prevail. Over
  /// other events than those of the training, as in Keras, nothing divides by the sum of their own weights.
  package static let loss = Metric("loss", prefersSmaller: true, usesWeights: true) {
    $0.loss / Double($0.events)
  }
}
