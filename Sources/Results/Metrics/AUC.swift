extension Metric {
  /// Area under the ROC curve, by weight: see ``Ranking``.
  package static let auc = Metric("auc", prefersSmaller: false, usesWeights: true, needs: .scores) {
    $0.ranking?.auc ?? .nan
  }
}
