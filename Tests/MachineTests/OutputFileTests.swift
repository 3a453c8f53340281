import Foundation
import Machine
import Testing
import TestSupport

@Suite struct OutputFileTests {
  /// Why an output is refused; nil if it is not.
  private func refusal(_ path: String, inputs: [String] = []) -> Failure? {
    do {
      _ = try OutputFile(path, inputs: inputs)
      return nil
    } catch { return Failure(error) }
  }

  @Test func aNewFileIsWritten() throws {
    try withTemporaryDirectory { directory in
      let output = try OutputFile("\(directory)/new.csv")
      #expect(!output.isStream)
      #expect(try names(in: directory).isEmpty, "the check writes nothing")
      try output.write([1, 2])
      #expect(try contents("\(directory)/new.csv") == [1, 2] && names(in: directory) == ["new.csv"])
    }
  }

  @Test(arguments: [0o644, 0o600, 0o664, 0o444, 0o755])
  func aFileThatExistsKeepsItsPermissions(_ mode: Int) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/old.csv"
      try put([9, 9, 9], path)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      if mode == 0o444 && geteuid() != 0 {
        #expect(refusal(path)?.description.hasPrefix("cannot write \(path): Permission denied; ") == true)
        return
      }
      try OutputFile(path).write([1])
      #expect(try contents(path) == [1])
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode)
    }
  }

  /// Under any of its names.
  @Test func anInputIsRefused() throws {
    try withTemporaryDirectory { directory in
      let input = "\(directory)/events.csv"
      try put([1], input)
      try FileSystem.makeDirectories("\(directory)/sub")
      try FileManager.default.linkItem(atPath: input, toPath: "\(directory)/hard.csv")
      try FileManager.default.createSymbolicLink(
        atPath: "\(directory)/soft.csv", withDestinationPath: "sub/../hard.csv")
      for path in [input, "\(directory)/./sub/..//events.csv", "\(directory)/hard.csv", "\(directory)/soft.csv"] {
        let failure = try #require(refusal(path, inputs: ["\(directory)/none", input]), "\(path)")
        #expect(failure.exitCode == .usage && failure.description.hasPrefix("\(path): "), "\(failure)")
        // The input may be named by a link as well.
        #expect(refusal(path, inputs: ["\(directory)/soft.csv"]) != nil)
      }
      #expect(refusal("\(directory)/other.csv", inputs: [input]) == nil)
    }
  }

  @Test func aLinkStaysALink() throws {
    try withTemporaryDirectory { directory in
      let link = "\(directory)/link.csv"
      try FileSystem.makeDirectories("\(directory)/sub")
      for target in ["sub/there.csv", "sub/missing.csv"] {
        try? FileManager.default.removeItem(atPath: link)
        try put([9], "\(directory)/sub/there.csv")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        try OutputFile(link).write([1])
        #expect(FileSystem.target(ofLink: link) == target)
        #expect(try contents("\(directory)/\(target)") == [1])
      }
    }
  }

  @Test func linksInACircleAreReported() throws {
    try withTemporaryDirectory { directory in
      let link = "\(directory)/a.csv"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "b.csv")
      try FileManager.default.createSymbolicLink(atPath: "\(directory)/b.csv", withDestinationPath: "a.csv")
      #expect(refusal(link)?.description.hasPrefix("cannot write \(link): ") == true)
    }
  }

  @Test func aDeviceStaysADevice() throws {
    try withTemporaryDirectory { directory in
      let link = "\(directory)/null.csv"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
      for path in ["/dev/null", link] {
        let output = try OutputFile(path)
        #expect(output.isStream)
        try output.write([1])
        #expect(FileStatus(path)?.kind == .characterDevice && FileSystem.isStream(path))
      }
      #expect(try names(in: directory) == ["null.csv"])
      let failure = #expect(throws: Failure.self) { try OutputFile("/dev/full").write([1]) }
      #expect(failure?.exitCode == .inputOutput)
      #expect(failure?.description.hasPrefix("cannot write /dev/full: No space left on device; ") == true)
    }
  }

  @Test func aPipeIsWrittenInto() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/pipe.npy"
      try #require(unsafe mkfifo(path, 0o600) == 0)
      let failure = Failure(.inputOutput, "\(path): no process reads from this pipe; start its reader first")
      #expect(refusal(path) == failure, "it would wait for ever")
      let reader = try OpenFile(path, .read)
      let output = try OutputFile(path)
      #expect(output.isStream)
      try output.write([1, 2, 3])
      #expect(FileStatus(path)?.kind == .pipe)
      _ = consume reader
      // Then nobody reads any more.
      #expect(throws: Failure.self) { try output.write([4]) }
    }
  }

  @Test func whatCannotBeAFileIsRefused() throws {
    try withTemporaryDirectory { directory in
      try put([1], "\(directory)/file")
      let expected: [(path: String, code: ExitCode, text: String)] = [
        (directory, .inputOutput, "Is a directory"), ("\(directory)/none/", .inputOutput, "Is a directory"),
        ("\(directory)/none/new.csv", .inputOutput, "No such file or directory"),
        ("\(directory)/file/new.csv", .inputOutput, "Not a directory"),
      ]
      for (path, code, text) in expected {
        let failure = refusal(path)
        #expect(failure?.exitCode == code && failure?.description.contains(text) == true, "\(path): \(failure as Any)")
      }
    }
  }

  @Test func namesHaveEndings() {
    #expect(Path.hasEnding("csv", "a/b.csv") && Path.hasEnding("csv", "b.CSV"))
    for path in ["", "csv", ".csv", "a/.csv", "a.csv/", "a.csv.gz", "acsv", "a.csv/b"] {
      #expect(!Path.hasEnding("csv", path), "\(path)")
    }
  }
}
