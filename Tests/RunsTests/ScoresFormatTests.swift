import Formats
import Machine
import Runs
import Testing
import TestSupport

@Suite struct ScoresFormatTests {
  @Test func theNameSaysTheFormat() throws {
    #expect(try ScoresFormat(ofFile: "a/scores.npy") == .npy && ScoresFormat(ofFile: "S.CSV") == .csv)
    #expect(try ScoresFormat(ofFile: "/dev/null") == .csv && ScoresFormat(ofFile: "a.npz") == .npz)
    #expect(throws: Failure.self) { try ScoresFormat(ofFile: "a.npz", among: [.npy, .csv]) }
    for path in ["scores", "scores.txt", "scores.npz.gz", ".npy", ".npz", "csv", "", "a.csv/", "scores.root"] {
      let failure = #expect(throws: Failure.self) { try ScoresFormat(ofFile: path) }
      #expect(failure?.exitCode == .usage)
    }
  }

  /// Any float32 comes back, and names are quoted where they must be.
  @Test func textGivesTheSameBitsBack() throws {
    var generator = SeededGenerator(state: 3)
    let scores = (0..<3000).map { _ in Float(bitPattern: UInt32.random(in: 0...0x3F80_0000, using: &generator)) }
    let text = String(decoding: ScoresFormat.csv.encoded(scores, columns: ["a b", "c,\"d\"", "e"]), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "a b,\"c,\"\"d\"\"\",e" && lines.last == "" && lines.count == 1002)
    let found = lines.dropFirst().flatMap { $0.split(separator: ",").compactMap { Float($0) } }
    #expect(found == scores)
  }

  @Test func anArrayHasARowAnEvent() throws {
    let bytes = ScoresFormat.npy.encoded([0.25, 0.75, 1, 0], columns: ["a", "b"])
    let header = try NpyHeader(bytes.span, size: bytes.count)
    #expect(header.shape == [2, 2] && header.descr == "<f4" && bytes.count == header.dataOffset + 16)
  }
}
