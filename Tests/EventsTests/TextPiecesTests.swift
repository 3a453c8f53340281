import Events
import Foundation
import Testing
import TestSupport

/// What reading a file gives: the bits of the table, or the error.
private func outcome(_ file: String, _ layout: FileLayout, windowSize: Int, pieceSize: Int = 1 << 19) -> String {
  do {
    let table = try readEvents(file: file, EventRequest(layout: layout, windowSize: windowSize, pieceSize: pieceSize))
    return "\(table.features) \(table.columnNames ?? []) \(table.values.map(\.bitPattern))"
  } catch { return error.description }
}

/// A matrix in one of the many ways to write it.
private func matrix(using random: inout SeededGenerator) -> [UInt8] {
  let separator = [" ", ",", "  ", ", ", "\t", " ,"].randomElement(using: &random) ?? ""
  let newline = ["\n", "\n", "\r\n", "\r", " \n", "\n\n", " # 1 2\n"].randomElement(using: &random) ?? ""
  let format = ["%.18e", "%.5g", "%.17g", "%8.3f", "%.0f", "%+.2E", "%.24f"].randomElement(using: &random) ?? ""
  let rows = Int.random(in: 1...12, using: &random)
  let columns = [1, 2, 3, 40, 100].randomElement(using: &random) ?? 0
  var text = Bool.random(using: &random) ? "" : "# made in 2024 as \(format)\n"
  if columns <= 3, Int.random(in: 0..<4, using: &random) == 0 {
    text += (0..<columns).map { "x\($0)" }.joined(separator: separator) + "\n"
  }
  for _ in 0..<rows {
    let values = (0..<columns).map { _ in
      let scale = Int.random(in: 0..<8, using: &random) == 0 ? 1e-40 : 1
      return String(format: format, Double.random(in: -2e4...2e4, using: &random) * scale)
    }
    text += values.joined(separator: separator) + newline
  }
  return Array(text.utf8)
}

@Suite struct TextPiecesTests {
  /// A window that is too small for runs of plain values has the file read a value at a time: whatever the window, the pieces
  /// and the fault, the outcome must be the same.
  @Test(arguments: [FileLayout.eventsByRow, .featuresByRow])
  func piecesOfAnySizeGiveTheSame(_ layout: FileLayout) throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(state: layout == .eventsByRow ? 6 : 7)
    let file = try folder.write("pieces", "")
    let handle = try #require(FileHandle(forWritingAtPath: file))
    let junk: [String] = ["\n", "\r", ",", " ", "\t", "#", "x", "nan", "1e999", "-", "e", ".", "\0", "1 2", "3,4"]
    var (tables, errors) = (0, 0)
    for _ in 0..<1500 {
      var bytes = matrix(using: &random)
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes.remove(at: position)
        case 1: bytes.removeLast(Int.random(in: 0..<min(bytes.count, 30), using: &random))
        default: bytes.insert(contentsOf: Array((junk.randomElement(using: &random) ?? "").utf8), at: position)
        }
      }
      try handle.seek(toOffset: 0)
      try handle.write(contentsOf: Data(bytes))
      try handle.truncate(atOffset: UInt64(bytes.count))
      let expected = outcome(file, layout, windowSize: 64)
      if expected.contains("a word or header of more than") || expected.contains("a row of more than") { continue }
      if expected.hasPrefix(file) { errors += 1 } else { tables += 1 }
      for (windowSize, pieceSize) in [(1 << 20, 1 << 19), (1 << 20, 1 << 8), (1 << 20, 90), (777, 200)] {
        let found = outcome(file, layout, windowSize: windowSize, pieceSize: pieceSize)
        try #require(
          found == expected,
          "window \(windowSize), pieces of \(pieceSize): \(String(decoding: bytes.prefix(2000), as: UTF8.self))")
      }
    }
    #expect(tables > 250 && errors > 250, "\(tables) tables, \(errors) errors")
  }

  /// Rows that are much longer than a window, as savetxt writes features.
  @Test func longRows() throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(state: 8)
    let (rows, columns) = (3, 20_000)
    let values = (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &random) }
    let text = (0..<rows).map { row in
      values[row * columns..<(row + 1) * columns].map { String(format: "%.18e", Double($0)) }.joined(separator: " ")
    }.joined(separator: "\n")
    let file = try folder.write("long.txt", text + "\n")
    for (windowSize, pieceSize) in [(1 << 16, 1 << 12), (1 << 23, 1 << 12), (1 << 23, 1 << 19)] {
      let table = try readEvents(
        file: file, EventRequest(layout: .featuresByRow, windowSize: windowSize, pieceSize: pieceSize))
      #expect(table.features == rows && table.events == columns)
      #expect((0..<values.count).allSatisfy { table.values[$0 % columns * rows + $0 / columns] == values[$0] })
    }
  }
}
