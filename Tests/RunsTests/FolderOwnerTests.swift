import Foundation
import Machine
import Runs
import Testing
import TestSupport

extension ProcessIdentity {
  /// The same with other values under some keys of its JSON.
  func with(_ values: [String: Any]) throws -> ProcessIdentity {
    let fields = try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(self)) as? [String: Any])
    let data = try JSONSerialization.data(withJSONObject: fields.merging(values) { $1 })
    return try JSONDecoder().decode(ProcessIdentity.self, from: data)
  }

  /// Another process that exists, with whatever start it has.
  func parent() throws -> ProcessIdentity {
    ProcessIdentity(
      process: getppid(), start: nil, boot: try text("boot"), namespace: try text("namespace"), host: try text("host"))
  }

  /// One on another machine.
  func elsewhere() throws -> ProcessIdentity { try with(["boot": "another", "host": "node02"]) }

  private func text(_ key: String) throws -> String {
    let fields = try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(self)) as? [String: Any])
    return try #require(fields[key] as? String)
  }
}

@Suite struct FolderOwnerTests {
  private func record(_ host: String, job: BatchJob? = nil, since: Double = 1.8e9) throws -> FolderOwner.Record {
    FolderOwner.Record(
      try ProcessIdentity.current.elsewhere(), host: host, job: job, since: Date(timeIntervalSince1970: since))
  }

  @Test func theLastToComeOwnsTheFolder() throws {
    try withTemporaryDirectory { directory in
      let folder = RunFolder(directory)
      let first = try FolderOwner(claiming: folder, as: record("node01"))
      #expect(try first.successor() == nil)
      // A tenth of a microsecond later, where a container gives all processes the same number.
      let second = try FolderOwner(claiming: folder, as: record("node01", since: 1.8e9 + 1e-6))
      #expect(try first.successor() == "node01, process \(getpid()), since 2027-01-15T08:00:00Z")
      #expect(try second.successor() == nil)
      #expect(!first.isStillOwner && second.isStillOwner)
    }
  }

  @Test func aFolderThatIsGoneIsNobodys() throws {
    try withTemporaryDirectory { directory in
      let owner = try FolderOwner(claiming: RunFolder(directory), as: .current)
      try FileManager.default.removeItem(atPath: "\(directory)/owner.txt")
      #expect(throws: FileError.self) { try owner.successor() }
      #expect(!owner.isStillOwner)
    }
  }

  @Test func comesBackFromItsFile() throws {
    let job = try #require(BatchJob(["SLURM_JOB_ID": "17", "SLURM_RESTART_COUNT": "2"]) { _ in "" })
    let record = try record("node01", job: job)
    #expect(record.name == "node01, process \(getpid()), Slurm job 17, restart 2, since 2027-01-15T08:00:00Z")
    #expect(FolderOwner.Record(record.text) == record)
    #expect(record.text.split(separator: "\n").first.map(String.init) == record.name)
    // As versions before wrote it.
    let old = try #require(FolderOwner.Record("vm, process 7, since 2026-11-28T22:20:42Z (1795904442.1)"))
    #expect(old.identity == nil && old.name.hasPrefix("vm, process 7"))
    #expect(FolderOwner.Record("") == nil && FolderOwner.Record("Herbert\n") == nil)
  }
}
