import Machine
package import Results

/// What a run prints of a confusion matrix.
extension Console {
  /// A matrix of more classes does not fit on a screen.
  package static let mostClassesInMatrix = 12
  /// The number of lines of the table for more classes.
  private static let mostClassesInTable = 20

  /// Prints the confusion matrix; with many classes, those with the lowest efficiencies and what they are mistaken
  /// for. `whole` then says where to find all of it.
  package func print(_ evaluation: Evaluation, classes: [String], whole: String) {
    print()
    if classes.count <= Self.mostClassesInMatrix {
      printMatrix(evaluation.confusion, classes: classes)
    } else {
      printWorstClasses(evaluation.confusion, classes: classes)
      print("The whole confusion matrix (\(classes.count) × \(classes.count)): \(whole)")
    }
  }

  private func printMatrix(_ confusion: [[Int]], classes: [String]) {
    let corner = "true \\ predicted"
    let width = Self.nameWidth(classes + [corner])
    // Twelve of these and the names are 150 columns; of four classes the names may be longer.
    let longest = max(10, min(Self.longestName, 80 / classes.count))
    let titles = classes.map { $0.abridged(toColumns: longest) }
    let counts = confusion.joined().map { grouped($0).count + 2 }.max() ?? 0
    let column = max(9, counts, (titles.map(\.columns).max() ?? 0) + 2)
    print(padded(corner, width) + titles.map { aligned($0, column) }.joined() + aligned("efficiency", 12))
    for (index, row) in confusion.enumerated() {
      print(
        padded(Self.tableName(classes[index]), width) + row.map { aligned(grouped($0), column) }.joined()
          + aligned(share(row[index], of: row.reduce(0, +)), 12))
    }
  }

  private func printWorstClasses(_ confusion: [[Int]], classes: [String]) {
    let totals = confusion.map { $0.reduce(0, +) }
    let efficiency = { (index: Int) in Double(confusion[index][index]) / Double(totals[index]) }
    // In the order of the classes where efficiencies are equal; classes without events come last.
    let order = classes.indices.sorted { a, b in
      if totals[a] == 0 || totals[b] == 0 { return totals[a] > 0 || (totals[b] == 0 && a < b) }
      return (efficiency(a), a) < (efficiency(b), b)
    }
    let shown = order.prefix(Self.mostClassesInTable)
    let width = Self.nameWidth(shown.map { classes[$0] } + ["true class"])
    if shown.count < classes.count {
      print("The \(shown.count) of \(classes.count) classes with the lowest efficiencies:")
    }
    print(
      padded("true class", width) + aligned("events", 12) + aligned("efficiency", 12)
        + "  most often mistaken for (share)")
    for index in shown {
      let others = classes.indices.filter { $0 != index && confusion[index][$0] > 0 }
      // The first of those that are equal.
      let wrong = others.max { (confusion[index][$0], $1) < (confusion[index][$1], $0) }
      let mistake = wrong.map { other in
        "\(Self.tableName(classes[other])) (\(share(confusion[index][other], of: totals[index])))"
      }
      print(
        padded(Self.tableName(classes[index]), width) + aligned(grouped(totals[index]), 12)
          + aligned(share(confusion[index][index], of: totals[index]), 12) + "  " + (mistake ?? "–"))
    }
  }

  private func share(_ count: Int, of total: Int) -> String {
    total > 0 ? decimals(Double(count) / Double(total), 4) : "–"
  }
}
