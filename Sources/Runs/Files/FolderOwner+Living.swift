package import FoundationEssentials
package import Machine

extension FolderOwner {
  /// How long to wait for a sign of life from another machine, in seconds; longer than the interval between updates of status.json.
  package static let patience = Double(RunStatus.interval + 5)

  /// The process that is running in `folder`; nil if there is none.
  ///
  /// On this machine a process that exists is at work, unless its status says that the run has ended. Of another machine only
  /// status.json is known. Where that is fresh, the question is whether it will be renewed: this waits for up to `patience`
  /// seconds, after reporting why. A job that its batch system has started again takes over from its former start
  /// at once: the batch system knows better whether that one is dead.
  package static func living(
    in folder: RunFolder, patience: Double = patience, job: BatchJob? = .current, now: Date = Date(),
    _ report: (String) -> Void
  ) -> Record? {
    guard let owner = Record(of: folder) else { return nil }
    // This process itself, in an earlier run.
    if owner.identity == .current { return nil }
    let bytes = try? FileSystem.read(folder.status)
    let status = bytes.flatMap(RunStatus.decoded)
    if let status, status.state.isEnd { return nil }
    if let exists = owner.identity?.exists { return exists ? owner : nil }
    if let job, let former = owner.job, job.isRestart(of: former) { return nil }
    guard let last = [status?.updated, owner.since].compactMap({ $0 }).max(),
      now.timeIntervalSince(last) <= Double(RunStatus.silence)
    else { return nil }
    report(
      "\(folder.path): \(owner.name) may still be at work there; waiting up to \(duration(patience)) for a sign of life"
    )
    let start = ContinuousClock.now
    while seconds(since: start) < patience {
      sleep(milliseconds: 250)
      if Record(of: folder) != owner { return living(in: folder, patience: 0, job: job, report) }
      let next = try? FileSystem.read(folder.status)
      guard next != bytes, let status = next.flatMap(RunStatus.decoded) else { continue }
      return status.state.isEnd ? nil : owner
    }
    return nil
  }

  /// Refuses to start a run in a folder where another process is at work.
  ///
  /// - Throws: 76.
  package static func requireNobody(in folder: RunFolder, patience: Double = patience) throws(Failure) {
    let owner = living(in: folder, patience: patience) { line in
      StandardStream.error.write("dist-train: \(line)\n")
    }
    guard let owner else { return }
    throw Failure(
      .ranksDisagree,
      "\(folder.path): another process is training in this folder (\(owner.name)); wait for it, stop it, or choose "
        + "another name or output.directory")
  }
}
