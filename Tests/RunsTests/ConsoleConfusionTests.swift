import Machine
import Results
import Runs
import Testing

/// The screen with few, many and long classes.
@Suite struct ConsoleConfusionTests {
  /// The lines for a matrix whose class `i` has `i` wrong events of 100, taken for the next class.
  private func lines(classes: [String]) -> [String] {
    let count = classes.count
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
    for row in 0..<count {
      confusion[row][row] += 100 - row % 100
      confusion[row][(row + 1) % count] += row % 100
    }
    let console = Console(speaks: true, progress: .off)
    console.print(Evaluation(Statistics(confusion: confusion), []), classes: classes, whole: "it is HERE")
    return console.log.split(separator: "\n").map(String.init)
  }

  @Test(arguments: [2, 4, 12]) func smallMatricesAreWhole(classes: Int) {
    let lines = lines(classes: (0..<classes).map { "class\($0)" })
    #expect(lines.count == classes + 1 && lines[0].hasPrefix("true \\ predicted"))
    #expect(!lines.contains { $0.contains("HERE") })
  }

  @Test(arguments: [13, 40, 200]) func largeOnesAreAbridgedAndSaySo(classes: Int) {
    let lines = lines(classes: (0..<classes).map { "class\($0)" })
    #expect(lines.count <= 23 && lines.allSatisfy { $0.columns <= 100 })
    #expect(lines.last == "The whole confusion matrix (\(classes) × \(classes)): it is HERE")
    // The worst class first.
    let worst = min(99, classes - 1)
    let first = lines.first { $0.hasPrefix("class\(worst) ") }
    #expect(first?.contains(decimals(Double(100 - worst) / 100, 4)) == true)
    #expect(first?.hasSuffix("class\((worst + 1) % classes) (\(decimals(Double(worst) / 100, 4)))") == true)
    #expect(lines.contains { $0 == "The 20 of \(classes) classes with the lowest efficiencies:" } == (classes > 20))
  }

  @Test(arguments: [2, 4, 12, 13]) func longNamesKeepTheTableStraight(classes: Int) {
    let long = String(repeating: "sixty_characters_", count: 4).prefix(58)
    let lines = lines(classes: (0..<classes).map { $0 == 0 ? "信号領域の長い名前のプロセスがここに" : "\(long)\($0 + 10)" })
    let table = lines.filter { !$0.hasPrefix("The ") }
    let width = classes <= 12 ? table[0].columns : 0
    #expect(table.count == classes + 1 && table.allSatisfy { classes > 12 || $0.columns == width })
    #expect(table.allSatisfy { $0.columns <= 200 })
    for index in 1..<classes { #expect(table.contains { $0.contains("\(index + 10) ") }, "\(index)") }
  }
}
