import Machine
package import Results

extension Console {
  /// Metrics and confusion matrix, of which `whole` says where it stands where it is too large for a screen. Behind the title on one line if every event counts the same; else a line each, with the
  /// losses named by what they weight.
  package func print(_ evaluation: Evaluation, title: String, isWeighted: Bool, classes: [String], whole: String) {
    if isWeighted {
      let metrics = zip(evaluation.metrics.metrics, evaluation.metrics.values)
      let same = "every event counting the same"
      let weighted = "classes weighted as in the training"
      let rows =
        metrics.filter(\.0.usesWeights).map { ("\($0.name), \(weighted)", $1) }
        + [("loss, \(same)", evaluation.unweightedLoss)]
        + metrics.filter { !$0.0.usesWeights }.map { ("\($0.name), \(same)", $1) }
      print("\(title):")
      let width = (rows.map(\.0.count).max() ?? 0) + 2
      for (name, value) in rows { print("  " + padded(name, width) + aligned(decimals(value, 4), 8)) }
    } else {
      print("\(title): \(evaluation.metrics.description())")
    }
    print(evaluation, classes: classes, whole: whole)
  }
}
