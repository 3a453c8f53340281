import Foundation
import Machine
import Testing
import TestSupport

/// What is where; making and removing are in `FileSystemTests`.
@Suite struct FileSystemLookupTests {
  @Test func textsAreReadAsFarAsTheyGo() throws {
    let folder = try TemporaryFolder()
    // Longer than a piece, not by whole pieces.
    let text = String(repeating: "0123456789é\n", count: 1000)
    #expect(FileSystem.text(try folder.write("a.txt", text)) == text)
    #expect(FileSystem.text(try folder.write("empty", "")) == "")
    #expect(FileSystem.text(folder("none")) == "" && FileSystem.text(folder.path) == "")
    // A file of the system, whose size is said to be 0.
    #expect(FileSystem.text("/proc/self/cgroup").isEmpty == !FileSystem.exists("/proc/self/cgroup"))
    #expect(FileSystem.text("/proc/self/status").hasPrefix("Name:") == FileSystem.exists("/proc/self/status"))
  }

  /// A small file is one of a megabyte at most: no message reads a data set.
  @Test func aTextHasAnEnd() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("large.txt", String(repeating: "a", count: 3 << 20))
    #expect(FileSystem.text(path).utf8.count == 1 << 20)
  }

  @Test func thingsExistOrNot() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a.txt", "a")
    #expect(FileSystem.exists(file) && FileSystem.exists(folder.path) && !FileSystem.exists(folder("none")))
    #expect(!FileSystem.exists(file + "/b") && !FileSystem.exists(""))
    #expect(FileSystem.isDirectory(folder.path) && !FileSystem.isDirectory(file))
    #expect(!FileSystem.isDirectory(folder("none")))
  }

  @Test func linksAreFollowed() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: folder("link"), withDestinationPath: folder.path)
    try manager.createSymbolicLink(atPath: folder("broken"), withDestinationPath: "no/where")
    #expect(FileSystem.isDirectory(folder("link")) && !FileSystem.exists(folder("broken")))
    #expect(FileSystem.target(ofLink: folder("link")) == folder.path)
    #expect(FileSystem.target(ofLink: folder("broken")) == "no/where")
    #expect(FileSystem.target(ofLink: folder.path) == nil && FileSystem.target(ofLink: folder("none")) == nil)
  }

  @Test func theWorkingDirectoryIsThatOfTheProcess() {
    #expect(FileSystem.workingDirectory == FileManager.default.currentDirectoryPath)
    #expect(FileSystem.workingDirectory.hasPrefix("/") && FileSystem.isDirectory(FileSystem.workingDirectory))
  }

  @Test func aFileIsInItsDirectory() {
    #expect(
      FileSystem.parent(of: "/a/b") == "/a" && FileSystem.parent(of: "/a") == "/" && FileSystem.parent(of: "/") == "/")
    #expect(
      FileSystem.parent(of: "a") == "." && FileSystem.parent(of: "a/b//") == "a" && FileSystem.parent(of: "a//b") == "a"
    )
  }
}
