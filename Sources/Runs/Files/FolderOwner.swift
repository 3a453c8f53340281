package import FoundationEssentials
package import Machine

/// Which process writes in a run's folder: the one that started last.
///
/// A process does not start where another one is running (``living(in:patience:_:)``). But nobody can know for sure whether a
/// process on another machine is: a batch system that believes a node dead starts its job again elsewhere, and the first one
/// may still run. It notices before its next write, and ends. Both produce the same bits, so nothing is lost.
package struct FolderOwner: Sendable {
  /// What `owner.txt` says about the process: a readable line, and a line of JSON.
  package struct Record: Equatable, Sendable {
    /// "node01, process 7, Slurm job 12, since 2026-11-28T22:20:42Z".
    package let name: String
    package let identity: ProcessIdentity?
    package let job: BatchJob?
    /// When it started.
    package let since: Date?
  }

  private let path: String
  private let record: Record

  /// Makes the process described by `record` the owner of `folder`.
  package init(claiming folder: RunFolder, as record: Record) throws(FileError) {
    path = folder.owner
    self.record = record
    try AtomicFile.write(Array(record.text.utf8), to: path)
  }

  /// Whether this process still owns the folder; false if the file cannot be read.
  package var isStillOwner: Bool {
    do { return try successor() == nil } catch { return false }
  }

  /// The name of the process that has taken over, nil if there is none.
  package func successor() throws(FileError) -> String? {
    let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
    return text == record.text ? nil : Record(text)?.name ?? "its owner.txt was changed"
  }
}

extension FolderOwner.Record {
  private struct Details: Codable {
    var identity: ProcessIdentity
    var job: BatchJob?
    /// Seconds since 1970, to a tenth of a microsecond: it tells processes apart where all have the same number.
    var since: Double
  }

  /// Of a process that started at `since`.
  package init(_ identity: ProcessIdentity, host: String, job: BatchJob?, since: Date) {
    name =
      "\(host), process \(identity.process)\(job.map { ", \($0.description)" } ?? ""), since \(since.formatted(.iso8601))"
    self.identity = identity
    self.job = job
    self.since = since
  }

  /// Of this process, now.
  package static var current: FolderOwner.Record {
    FolderOwner.Record(.current, host: hostName(), job: .current, since: Date())
  }

  /// What the file holds.
  package var text: String {
    guard let identity, let since else { return name }
    return "\(name)\n\(json(Details(identity: identity, job: job, since: since.timeIntervalSince1970)))\n"
  }

  /// What `text` gave; nil if it is something else. Before version 0.6 the second line was missing.
  package init?(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, first.contains(", process "), first.contains(", since ") else { return nil }
    name = String(first).onOneLine.abridged(to: 300)
    let details = lines.count > 1 ? try? JSONDecoder().decode(Details.self, from: Data(lines[1].utf8)) : nil
    identity = details?.identity
    job = details?.job
    since = details.map { Date(timeIntervalSince1970: $0.since) }
  }

  /// That of the last process in `folder`; nil if there was none.
  package init?(of folder: RunFolder) {
    guard let bytes = try? FileSystem.read(folder.owner) else { return nil }
    self.init(String(decoding: bytes, as: UTF8.self))
  }
}
