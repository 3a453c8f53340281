import Foundation
import Machine
import Runs
import Synchronization
import Testing
import TestSupport

/// Whether a process is found to be at work in a folder.
@Suite struct FolderOwnerLivingTests {
  private let job = BatchJob(["SLURM_JOB_ID": "17"]) { _ in "" }
  private let restarted = BatchJob(["SLURM_JOB_ID": "17", "SLURM_RESTART_COUNT": "1"]) { _ in "" }
  private let otherJob = BatchJob(["SLURM_JOB_ID": "18"]) { _ in "" }

  /// A folder that a process claimed just now.
  private func claimed(
    _ identity: ProcessIdentity, job: BatchJob? = nil, _ body: (RunFolder, FolderOwner.Record) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let folder = RunFolder(directory)
      // In whole seconds: fractions may lose their last bit on the way to the file and back.
      let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded())
      let record = FolderOwner.Record(identity, host: "node02", job: job, since: now)
      _ = try FolderOwner(claiming: folder, as: record)
      try body(folder, record)
    }
  }

  private func status(_ state: String, updated: Date = Date()) -> [UInt8] {
    Array(
      """
      {"epoch": 1, "epochs": 4, "host": "node02", "placement": "1 rank", "process": 7, "program": "dist-train",
       "started": "2026-11-27T19:00:00Z", "state": "\(state)", "step": 1, "steps_per_epoch": 3,
       "updated": "\(updated.formatted(.iso8601))"}
      """.utf8)
  }

  private func living(
    _ folder: RunFolder, job: BatchJob? = nil, patience: Double = 0, now: Date = Date(), waits: Bool = false
  ) -> FolderOwner.Record? {
    var lines: [String] = []
    let found = FolderOwner.living(in: folder, patience: patience, job: job, now: now) { lines.append($0) }
    #expect(lines.count == (waits ? 1 : 0), "\(lines)")
    return found
  }

  @Test func inAFreeFolderThereIsNone() throws {
    try withTemporaryDirectory { directory in
      #expect(living(RunFolder(directory)) == nil && living(RunFolder("\(directory)/none")) == nil)
    }
  }

  @Test func aProcessOfThisMachineThatExistsIsAtWork() throws {
    try claimed(ProcessIdentity.current.parent()) { folder, record in
      #expect(living(folder) == record)
      try put(status("training"), folder.status)
      // However long it has not renewed its status: it may be suspended.
      #expect(living(folder, now: Date() + 10_000) == record)
      #expect(living(folder, job: restarted) == record)
      for state in ["finished", "stopped", "failed"] {
        try put(status(state), folder.status)
        #expect(living(folder) == nil, "\(state)")
      }
    }
  }

  @Test func aProcessOfThisMachineThatIsGoneIsNot() throws {
    let mine = ProcessIdentity.current
    try claimed(mine.with(["start": (mine.start ?? 0) + 1])) { folder, _ in
      try put(status("training"), folder.status)
      #expect(living(folder) == nil)
    }
    try claimed(mine) { folder, _ in #expect(living(folder) == nil, "this process, in a run before") }
  }

  @Test func ofAnotherMachineASignOfLifeIsAwaited() throws {
    try claimed(ProcessIdentity.current.elsewhere(), job: job) { folder, record in
      // It has not even written its status, then it does not renew it.
      #expect(living(folder, job: otherJob, waits: true) == nil)
      try put(status("training"), folder.status)
      #expect(living(folder, patience: 0.6, waits: true) == nil)
      // Long silent: nobody is waited for.
      #expect(living(folder, now: Date() + Double(RunStatus.silence + 1)) == nil)
      for (state, isAlive) in [("training", true), ("stopped", false)] {
        try put(status("training"), folder.status)
        let next = status(state, updated: Date() + 7)
        let path = folder.status
        let beat = Thread {
          Thread.sleep(forTimeInterval: 0.1)
          try? put(next, path)
        }
        beat.start()
        #expect(living(folder, patience: 60, waits: true) == (isAlive ? record : nil))
      }
    }
  }

  /// The program does not wait for a node that was considered dead.
  @Test func aJobThatWasRestartedTakesOver() throws {
    try claimed(ProcessIdentity.current.elsewhere(), job: job) { folder, _ in
      try put(status("training"), folder.status)
      #expect(living(folder, job: restarted) == nil)
      #expect(living(folder, job: job, waits: true) == nil, "the same start of the job")
    }
  }
}
