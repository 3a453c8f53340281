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
    #expect(cases.count == 122)
    for line in cases {
      let words = line.split(separator: " ").map(String.init)
      let layout = try #require(FileLayout(rawValue: words[1]))
      let table = try readEvents(file: folder(words[0]), EventRequest(layout: layout))
      #expect([table.features, table.events] == words[2...].compactMap { Int($0) }, "\(words[0])")
      let expected = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder(words[0] + ".expected"))))
      let found = table.values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      }
      #expect(found == expected, "\(words[0])")
    }
  }
}
