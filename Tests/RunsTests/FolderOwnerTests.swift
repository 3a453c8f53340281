import Foundation
import Machine
import Runs
import Testing
import TestSupport

struct FolderOwnerTests {
  @Test func theLastToComeOwnsTheFolder() throws {
    try withTemporaryDirectory { directory in
      let first = try FolderOwner(claiming: "\(directory)/owner.txt", as: "node01, process 7")
      #expect(try first.successor() == nil)
      let second = try FolderOwner(claiming: "\(directory)/owner.txt", as: "node02, process 7")
      #expect(try first.successor() == "node02, process 7")
      #expect(try second.successor() == nil)
      #expect(!first.isStillOwner && second.isStillOwner)
    }
  }

  @Test func aFolderThatIsGoneIsNobodys() throws {
    try withTemporaryDirectory { directory in
      let owner = try FolderOwner(claiming: "\(directory)/owner.txt", as: "node01, process 7")
      try FileManager.default.removeItem(atPath: "\(directory)/owner.txt")
      #expect(throws: FileError.self) { try owner.successor() }
      #expect(!owner.isStillOwner)
    }
  }
}
