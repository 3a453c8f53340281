extension Metric {
  /// Share of events whose largest output is their own class, each event counting 1.
  package static let accuracy = Metric("accuracy", prefersSmaller: false) { Double($0.correct) / Double($0.events) }

  /// The same by weight, Σ v of those events / Σ v; NaN where Σ v is not above 0.
  package static let weightedAccuracy = Metric(
    "weighted_accuracy", title: "w.acc.", prefersSmaller: false, usesWeights: true, needs: .evaluation
  ) { $0.weight > 0 ? $0.correctWeight / $0.weight : .nan }
}
