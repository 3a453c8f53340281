import Foundation
import Machine
import Testing
import TestSupport

struct AtomicFileTests {
  @Test(arguments: [0, 1, 4096, 3_000_001])
  func writesWhatIsReadBack(size: Int) throws {
    try withTemporaryDirectory { directory in
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try AtomicFile.write(bytes, to: "\(directory)/file")
      #expect(try contents("\(directory)/file") == bytes)
      #expect(try FileSystem.read("\(directory)/file") == bytes)
      #expect(try names(in: directory) == ["file"])
    }
  }

  @Test func replacesALongerFile() throws {
    try withTemporaryDirectory { directory in
      try put(Array("a long old text".utf8), "\(directory)/file")
      try AtomicFile.write(Array("new".utf8), to: "\(directory)/file")
      #expect(try contents("\(directory)/file") == Array("new".utf8))
    }
  }

  @Test func doesNotMindItsOwnLeftover() throws {
    try withTemporaryDirectory { directory in
      try put(Array("half a fi".utf8), "\(directory)/.file.tmp-\(getpid())")
      try AtomicFile.write(Array("new".utf8), to: "\(directory)/file")
      #expect(try contents("\(directory)/file") == Array("new".utf8))
      #expect(try names(in: directory) == ["file"])
    }
  }

  @Test func keepsTheOldFileWhenTheDiskTakesOnlyAPart() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/file"
      try AtomicFile.write(Array("old".utf8), to: path)
      let limit = 64 << 20
      let tooMuch = [UInt8](repeating: 1, count: limit + 1)
      try withFileSizeLimit(limit) {
        #expect(throws: FileError.system(.write, path: path, errno: EFBIG)) { try AtomicFile.write(tooMuch, to: path) }
      }
      #expect(try contents(path) == Array("old".utf8))
      #expect(try names(in: directory) == ["file"])
    }
  }

  @Test func leavesNothingWhereItCannotTakeTheName() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/taken"
      try FileSystem.makeDirectories(path)
      #expect(throws: FileError.system(.write, path: path, errno: EISDIR)) { try AtomicFile.write([1], to: path) }
      #expect(try names(in: directory) == ["taken"])
    }
  }

  @Test func namesTheFileThatCannotBeWritten() throws {
    try withTemporaryDirectory { directory in
      try put([1], "\(directory)/file")
      let missing = "\(directory)/none/file"
      #expect(throws: FileError.system(.write, path: missing, errno: ENOENT)) { try AtomicFile.write([1], to: missing) }
      let under = "\(directory)/file/file"
      #expect(throws: FileError.system(.write, path: under, errno: ENOTDIR)) { try AtomicFile.write([1], to: under) }
    }
  }
}

struct OpenFileTests {
  @Test func saysThatTheDiskIsFull() throws {
    let error = try #require(throws: FileError.self) {
      try OpenFile("/dev/full", .update).append([1, 2, 3], at: 0)
    }
    #expect(error == .system(.write, path: "/dev/full", errno: ENOSPC))
  }

  @Test func cutsBackWhatTheDiskDidNotTake() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/file"
      try put([1, 2, 3], path)
      let limit = 64 << 20
      try withFileSizeLimit(limit) {
        #expect(throws: FileError.system(.write, path: path, errno: EFBIG)) {
          try OpenFile(path, .update).append([UInt8](repeating: 4, count: limit), at: 3)
        }
      }
      #expect(try contents(path) == [1, 2, 3])
      try OpenFile(path, .update).append([4], at: 3)
      #expect(try contents(path) == [1, 2, 3, 4])
    }
  }
}

struct FileSystemTests {
  @Test func makesDirectoriesOnceAndAgain() throws {
    try withTemporaryDirectory { directory in
      for _ in 0..<2 {
        try FileSystem.makeDirectories("\(directory)/a//b/c/")
        #expect(try FileSystem.list("\(directory)/a/b") == ["c"])
      }
      try FileSystem.makeDirectories(".")
      try FileSystem.makeDirectories("/")
    }
  }

  @Test func makesNoDirectoryInPlaceOfAFile() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/file"
      try put([1], path)
      #expect(throws: FileError.system(.makeDirectory, path: path, errno: EEXIST)) {
        try FileSystem.makeDirectories(path)
      }
      #expect(throws: FileError.system(.makeDirectory, path: "\(path)/a/b", errno: ENOTDIR)) {
        try FileSystem.makeDirectories("\(path)/a/b")
      }
      // The kernel refuses every new name there as if its directory were missing.
      #expect(throws: FileError.system(.makeDirectory, path: "/proc/none", errno: ENOENT)) {
        try FileSystem.makeDirectories("/proc/none")
      }
      #expect(throws: FileError.system(.makeDirectory, path: "", errno: ENOENT)) {
        try FileSystem.makeDirectories("")
      }
    }
  }

  @Test func listsAndRemoves() throws {
    try withTemporaryDirectory { directory in
      for name in ["a", ".hidden", "ünïcode"] { try put([1], "\(directory)/\(name)") }
      #expect(try FileSystem.list(directory).sorted() == [".hidden", "a", "ünïcode"].sorted())
      try FileSystem.remove("\(directory)/a")
      try FileSystem.remove("\(directory)/a")
      #expect(try FileSystem.list(directory).count == 2)
      #expect(throws: FileError.system(.list, path: "\(directory)/a", errno: ENOENT)) {
        try FileSystem.list("\(directory)/a")
      }
    }
  }

  @Test func saysWhatCannotBeRead() throws {
    try withTemporaryDirectory { directory in
      let missing = "\(directory)/none"
      let error = try #require(throws: FileError.self) { try FileSystem.read(missing) }
      #expect(error == .system(.read, path: missing, errno: ENOENT))
      #expect(error.exitCode == .missing)
      #expect("\(error)" == "cannot read \(missing): No such file or directory; check the path")
      #expect(throws: FileError.system(.read, path: directory, errno: EISDIR)) { try FileSystem.read(directory) }
    }
  }

  @Test(arguments: [
    (FileError.system(.write, path: "a/b", errno: ENOSPC), 74 as Int32, "No space left on device; free some space"),
    (.system(.write, path: "a/b", errno: EROFS), 74, "Read-only file system; make its file system writable"),
    (.system(.write, path: "a/b", errno: ENOENT), 74, "No such file or directory; check that its directory"),
    (.system(.write, path: "a/b", errno: EIO), 74, "Input/output error; check the disk"),
    (.content(path: "a/b", problem: "half a file", advice: "write it again"), 65, "a/b: half a file; write it again"),
  ])
  func tellsInOneLineWhatToDo(error: FileError, exitCode: Int32, text: String) {
    #expect(error.exitCode.rawValue == exitCode)
    #expect("\(error)".contains(text))
    #expect("\(error)".contains("a/b"))
    #expect(!"\(error)".contains("\n"))
  }
}
