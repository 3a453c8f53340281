import Events
import Formats
import Foundation
import Testing
import TestSupport

/// Runs numpy_roundtrip.py, which writes files with numpy and checks those that were written here.
@Suite struct NumpyRoundTripTests {
  @Test func filesOfNumpyAndForNumpy() throws {
    let python = try #require(
      ProcessInfo.processInfo.environment["DIST_TRAIN_PYTHON"],
      "DIST_TRAIN_PYTHON must name a Python interpreter that has numpy")
    let folder = try TemporaryFolder()
    for (name, descr, shape) in [("f4", "<f4", [5]), ("f8", "<f8", [1000]), ("matrix", "<f4", [3, 4])] {
      let data = (0..<shape.reduce(1, *)).flatMap { index -> [UInt8] in
        let (bits, size) =
          descr == "<f4"
          ? (UInt64(Float(index).bitPattern), 4) : (Double(index).bitPattern, 8)
        return (0..<size).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
      }
      try folder.write("written-\(name).npy", npyHeader(shape: shape, descr: descr) + data)
    }

    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("numpy_roundtrip.py").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script, folder.path]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(script) failed, see its message above")

    let cases = try String(contentsOfFile: folder("cases"), encoding: .utf8).split(separator: "\n")
    #expect(cases.count == 122 + 17 * 12 + 21)
    for line in cases {
      let words = line.split(separator: " ").map(String.init)
      let layout = try #require(FileLayout(rawValue: words[1]))
      let table = try readEvents(file: folder(words[0]), EventRequest(layout: layout))
      #expect([table.features, table.events] == words[2...].compactMap { Int($0) }, "\(words[0])")
      #expect(bytes(table.values.map(\.bitPattern)) == (try content(folder(words[0] + ".expected"))), "\(words[0])")
    }
    let records = try String(contentsOfFile: folder("records"), encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(records.count == 24)
    for name in records {
      let table = try readEvents(file: folder(name), Self.recordRequest)
      #expect(bytes(table.values.map(\.bitPattern)) == (try content(folder(name + ".expected"))), "\(name)")
      #expect(
        bytes(table.numbers.joined().map(\.bitPattern)) == (try content(folder(name + ".numbers"))), "\(name)")
      #expect(bytes(table.integers.joined()) == (try content(folder(name + ".identities"))), "\(name)")
      #expect(bytes(table.categories.joined()) == (try content(folder(name + ".categories"))), "\(name)")
      #expect(table.columnNames == Self.recordRequest.features)
    }
    let weights = try String(contentsOfFile: folder("weights"), encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(weights.count == 26)
    for name in weights {
      let read = try readWeights(file: folder(name), windowSize: 4000)
      #expect(bytes(read.map(\.bitPattern)) == (try content(folder(name + ".expected"))), "\(name)")
    }
  }

  private static let recordRequest = EventRequest(
    layout: .featuresByRow, features: ["pt", "flag", "eta", "half", "big", "w2", "event"],
    identity: ["event", "run", "byte"], numbers: ["w", "pt", "n", "w2", "half"],
    categories: [
      CategoryColumn(column: "label", key: "data.label", values: [["s"], ["b", "ttbar"]]),
      CategoryColumn(column: "name", key: "data.label", values: [["αβ"], ["tt H"]]),
      CategoryColumn(column: "flag", key: "split.column", values: [["0.0"], ["1"]]),
      CategoryColumn(column: "n", key: "split.column", values: (0..<10).map { ["\($0 - 5)"] }),
    ])
}

/// Little-endian.
private func bytes<Bits: FixedWidthInteger>(_ numbers: some Sequence<Bits>) -> [UInt8] {
  numbers.flatMap { number in (0..<MemoryLayout<Bits>.size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
}

private func content(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
