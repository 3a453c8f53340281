/// The figures that follow from which class is predicted for events of which class.
struct ConfusionFigures {
  /// In this order: the accuracy, each event counting 1; by monitor weight; with classes equal (balanced).
  static let accuracies = 3

  /// Of sums over cells of (true, predicted) classes: those of the events, of their monitor weights and of their weights. The accuracies,
  /// then for each class its efficiency, its purity with classes equal, and its purity as expected.
  static func values(
    classes: Int, events: (Int) -> Double, monitor: (Int) -> Double, weights: (Int) -> Double
  ) -> [Double] {
    func share(_ sums: (Int) -> Double) -> Double {
      let total = (0..<classes * classes).map(sums).compensatedSum
      let right = (0..<classes).map { sums($0 * classes + $0) }.compensatedSum
      return total > 0 ? right / total : .nan
    }
    let totals = (0..<classes).map { row in (0..<classes).map { weights(row * classes + $0) }.compensatedSum }
    func efficiency(_ row: Int, _ column: Int) -> Double {
      totals[row] > 0 ? weights(row * classes + column) / totals[row] : .nan
    }
    let efficiencies = (0..<classes).map { efficiency($0, $0) }
    let figures = (0..<classes).flatMap { index -> [Double] in
      let taken = (0..<classes).map { efficiency($0, index) }.compensatedSum
      let expected = (0..<classes).map { weights($0 * classes + index) }.compensatedSum
      return [
        efficiencies[index], taken > 0 ? efficiencies[index] / taken : .nan,
        expected > 0 ? weights(index * classes + index) / expected : .nan,
      ]
    }
    return [share(events), share(monitor), efficiencies.compensatedSum / Double(classes)] + figures
  }

  /// The values by the events, with errors by replicas.
  static func figures(_ events: ScoredEvents, _ replicas: BootstrapWeights) -> [Replicated] {
    let classes = events.classCount
    let cells = zip(events.classes, events.predicted).map { $0 * Int32(classes) + $1 }
    let kinds = [
      [Double](repeating: 1, count: events.count), events.monitorWeights.map(Double.init), events.weights,
    ]
    let sums = kinds.map { weights -> [Double] in
      var sums = [CompensatedSum](repeating: CompensatedSum(), count: classes * classes)
      for (cell, weight) in zip(cells, weights) { sums[Int(cell)] += weight }
      return sums.map(\.value)
    }
    let values = values(classes: classes, events: { sums[0][$0] }, monitor: { sums[1][$0] }, weights: { sums[2][$0] })
    let found = kinds.map {
      ReplicaSums(replicas, cells: classes * classes, cell: cells, weights: $0, identities: events.identities)
    }
    let ofReplicas = (0..<replicas.replicas).map { replica in
      Self.values(
        classes: classes, events: { found[0][$0, replica] }, monitor: { found[1][$0, replica] },
        weights: { found[2][$0, replica] })
    }
    return values.indices.map { index in Replicated(values[index], replicas: ofReplicas.map { $0[index] }) }
  }
}
