import Foundation
import Machine
import Testing
import TestSupport

@Suite struct OutputWriterTests {
  /// Nothing has the name before all is written; parts may be written over and read meanwhile.
  @Test func aFileAppearsWhenItIsFinished() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/new.npy"
      let writer = try OutputFile(path).open()
      try writer.append([1, 2, 3])
      try writer.append([4, 5])
      #expect(writer.size == 5 && !FileSystem.exists(path))
      #expect(try names(in: directory).count == 1)
      try writer.replace([9, 8], at: 1)
      #expect(try writer.read(at: 0, count: 4) == [1, 9, 8, 4])
      try writer.finish()
      #expect(try contents(path) == [1, 9, 8, 4, 5] && names(in: directory) == ["new.npy"])
    }
  }

  /// What was there stays, and nothing else.
  @Test func aWriterThatDoesNotFinishLeavesNothing() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/old.npy"
      try put([7], path)
      do {
        let writer = try OutputFile(path).open()
        try writer.append([1, 2, 3])
        #expect(try names(in: directory).count == 2)
      }
      #expect(try contents(path) == [7] && names(in: directory) == ["old.npy"])
    }
  }

  @Test func aFullDiskIsReported() throws {
    let writer = try OutputFile("/dev/full").open()
    let failure = #expect(throws: Failure.self) { try writer.append([1]) }
    #expect(failure?.exitCode == .inputOutput)
    #expect(failure?.description.hasSuffix("then run the command again, or name another file") == true)
  }

  @Test func aFileBeyondTheLimitLeavesNothing() throws {
    try withTemporaryDirectory { directory in
      try withFileSizeLimit(1000) {
        let writer = try OutputFile("\(directory)/new.npy").open()
        try writer.append([UInt8](repeating: 1, count: 900))
        let failure = #expect(throws: Failure.self) { try writer.append([UInt8](repeating: 1, count: 200)) }
        #expect(failure?.description.hasPrefix("cannot write \(directory)/new.npy: ") == true)
      }
      #expect(try names(in: directory).isEmpty)
    }
  }
}
