import Checks
import Events
import Testing

@Suite struct FindingListTests {
  @Test func linesOfATerminal() {
    let long = Array(repeating: "word", count: 40).joined(separator: " ")
    let list = FindingList([
      Finding(.note, "sorted", process: "tt", feature: "pt", what: "is sorted"),
      Finding(.error, "nan", file: "a.npy", process: "tt", feature: "pt", what: long, advice: long),
    ])
    #expect(list.lines.first == "error   nan: process tt, feature 'pt'" && list.lines.last == "        is sorted")
    #expect(list.lines.allSatisfy { $0.count <= 100 } && list.lines[1].hasPrefix("        a.npy: word word"))
    #expect(list.lines.contains { $0.hasPrefix("        → word") } && list.summary == "1 error, 1 note")
    #expect(FindingList([]).summary == nil && FindingList([]).lines == [])
  }
  @Test func manyOfAKind() {
    let list = FindingList((0..<20).map { Finding(.warning, "constant", feature: "x\($0)", what: "is constant") })
    #expect(list.lines.count == 2 * 8 + 2 && list.summary == "20 warnings")
    #expect(list.lines[16] == "warning constant: 12 more; --json lists all")
    #expect(list.lines[17] == "        features x8, x9, x10, x11, x12, …")
  }
}
