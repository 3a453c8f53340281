import Events
import MPI
import Testing
import TestSupport

/// The warnings that events with this feature give.
private func warnings(_ values: [String]) throws -> [String] {
  let folder = try TemporaryFolder()
  try folder.write("s.csv", "x\n" + values.joined(separator: "\n") + "\n")
  return try EventLoader(
    processes: [ProcessFiles(name: "s", files: ["s.csv"])], directory: folder.path,
    request: EventRequest(layout: .eventsByRow, features: ["x"]), split: Split(train: 1, validation: 0, test: 0),
    seed: 1,
    scaling: .measured, classWeights: .none
  ).load(.solo()).warnings
}

@Suite struct FeatureWarningsTests {
  @Test func whatFloat32CannotHold() throws {
    #expect(
      try warnings((0..<100).map { "\(20_180_000 + $0 % 2)" }) == [
        "feature 'x' has the same float32 value, 20180000, in every training event; if its values differ in the file, by less "
          + "than 2, subtract a number near them (data.transform: {offset: …}), or remove the feature"
      ])
    #expect(
      try warnings((0..<100).map { "\(1_600_000_000 + 1000 * $0)" }).first?.hasPrefix(
        "float32 is too coarse for feature 'x': its values spread by 288") == true)
    #expect(try warnings((0..<100).map { "\($0)e-43" }).first?.contains("where float32 loses digits") == true)
    #expect(try warnings((0..<100).map { "\($0)e-50" }).first?.contains("they are below 1e-45: multiply them") == true)
    #expect(try warnings(["1.5", "1.5"]).first?.hasPrefix("feature 'x' has the same float32 value, 1.5, in") == true)
  }

  @Test func valuesThatStandForNone() throws {
    let events = (0..<1000).map { "\(Double($0 % 100) / 10)" }
    #expect(
      try warnings(events + Array(repeating: "-999", count: 111)).first?.hasPrefix(
        "about 10.0 % of the events have 'x' = -999, far from all other values") == true)
    #expect(try warnings(events + Array(repeating: "1e30", count: 20)).first?.contains("have 'x' = 1e+30") == true)
    let flags = Array(repeating: "1", count: 90) + Array(repeating: "-999", count: 10)
    #expect(try warnings(flags).first?.hasPrefix("about 10.0 % of the events have 'x' = -999") == true)
    // Of another sign than all others, however far those reach; two numbers for the same.
    let energies = (0..<1000).map { "\(20 + 5 * $0)" }
    #expect(try warnings(energies + Array(repeating: "-999", count: 100)).count == 1)
    #expect(
      try warnings(events + Array(repeating: "-999", count: 100) + Array(repeating: "-99", count: 100)).map {
        $0.contains("= -99,")
      } == [false, true])
    // Too few, and no value of its own.
    #expect(try warnings(events + ["-999", "-999"]).isEmpty)
  }

  @Test(arguments: [
    (0..<1000).map { "\(Double($0) / 100 - 5)" }, (0..<1000).map { "\($0 % 2)" },
    (0..<1000).map { "\($0 % 100 == 0 ? 1 : 0)" },
    (0..<1000).map { "\(200_000 + $0)" }, (0..<1000).map { "\($0 % 10 == 0 ? -1 : Double($0) / 1000)" },
    (0..<1000).map { "\($0 % 3 == 0 ? 0 : 20 + Double($0))" }, (0..<1000).map { "\($0)e-30" },
  ]) func ordinaryFeatures(_ values: [String]) throws {
    #expect(try warnings(values) == [])
  }
}
