import Formats
import Machine
import Runs
import Testing
import TestSupport

@Suite struct ScoresWriterTests {
  private let scores: [Float] = [0.25, 0.75, 1, 0, 0.5, 0.5, .nan, 0]

  /// What a file has after these scores were written in two parts.
  private func written(_ format: ScoresFormat, announced: Int?) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let path = folder("scores.\(format.rawValue)")
    var writer = try ScoresWriter(format, classes: ["a", "b"], events: announced, to: OutputFile(path))
    for part in [scores[..<2], scores[2...]] {
      let whole = format.encoded(Array(part), columns: ["a", "b"])
      let head = format.encoded([], columns: ["a", "b"])
      try writer.append(Array(whole[head.count...]), events: part.count / 2)
    }
    #expect(writer.events == 4 && !FileSystem.exists(path))
    try writer.finish()
    return try contents(path)
  }

  @Test(arguments: [nil, 4, 1_000_000], [ScoresFormat.npy, .csv])
  func partsMakeTheWhole(_ announced: Int?, _ format: ScoresFormat) throws {
    #expect(try written(format, announced: announced) == format.encoded(scores, columns: ["a", "b"]))
  }

  /// numpy reads the archive; an event without scores has no class, and of equal scores the first is the largest.
  @Test(arguments: [nil, 4])
  func numpyReadsTheArchive(_ announced: Int?) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("scores.npz", written(.npz, announced: announced))
    let found = try python(
      """
      import sys, zipfile, numpy as np
      assert zipfile.ZipFile(sys.argv[1]).testzip() is None
      z = np.load(sys.argv[1])
      print(sorted(z), z["scores"].dtype, z["scores"].tolist(), z["predicted"].dtype, z["predicted"].tolist(), z["classes"].tolist())
      """, path)
    #expect(
      found.contains(
        "['classes', 'predicted', 'scores'] float32 [[0.25, 0.75], [1.0, 0.0], [0.5, 0.5], [nan, 0.0]] int32 [1, 0, 0, -1] "
          + "['a', 'b']"), "\(found)")
  }

  @Test func anArchiveIsNoStream() throws {
    let output = try OutputFile("/dev/null")
    let failure = #expect(throws: Failure.self) {
      try ScoresWriter(.npz, classes: ["a", "b"], events: 4, to: output)
    }
    #expect(failure?.exitCode == .usage)
  }
}
