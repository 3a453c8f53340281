package import Machine
import RunFiles

/// Where the files of a run are.
package struct RunFolder: Equatable, Sendable {
  /// The file of a checkpoint in the folder.
  package struct CheckpointFile: Equatable, Sendable {
    /// How many epochs were complete.
    package let epoch: Int
    /// How many steps of the next epoch were, 0 for a checkpoint between two epochs.
    package let step: Int
    package let path: String
  }
  package let path: String

  /// The folder at `path`, which need not exist.
  package init(_ path: String) { self.path = path }

  /// Where the files of this run go.
  init(of run: RunFile) { self.init("\(run.output.directory)/\(run.name)") }

  /// The run file with everything that was given on the command line.
  package var configuration: String { "\(path)/config.yaml" }
  /// A line for each epoch: `HistoryFile`.
  package var history: String { "\(path)/history.csv" }
  /// The cost of every step: `CostsFile`.
  package var costs: String { "\(path)/costs.npy" }
  /// The parameters that did best on the validation events: `Safetensors`.
  package var model: String { "\(path)/model.safetensors" }
  /// How long each rank computed and waited in each epoch.
  package var ranks: String { "\(path)/ranks.csv" }
  /// What the run printed.
  package var log: String { "\(path)/log.txt" }
  /// How far the run is: `RunStatus`.
  package var status: String { "\(path)/status.json" }
  /// The process that writes here: `FolderOwner`.
  package var owner: String { "\(path)/owner.txt" }
  /// The event files that the run was trained on: `EventFilesRecord`.
  package var events: String { "\(path)/events.json" }
  /// What each event of these files is used for: `SplitFile`.
  package var split: String { "\(path)/split.npy" }
  /// What `dist-train evaluate` found out about the model.
  package var evaluation: String { "\(path)/evaluation.json" }
  /// The final results of the run.
  package var metrics: String { "\(path)/metrics.json" }

  /// The checkpoint after this `epoch`, `checkpoints/epoch-0007.safetensors`, or after some steps of the next one,
  /// `checkpoints/epoch-0007-step-000123.safetensors`.
  package func checkpoint(epoch: Int, step: Int = 0) -> CheckpointFile {
    let suffix = step > 0 ? Self.step + padded(zeros: 6, String(step)) : ""
    return CheckpointFile(
      epoch: epoch, step: step,
      path: "\(checkpointDirectory)/\(Self.prefix)\(padded(zeros: 4, String(epoch)))\(suffix)\(Self.suffix)")
  }

  /// The checkpoints in the folder, newest first.
  package func checkpoints() throws(FileError) -> [CheckpointFile] {
    var found: [CheckpointFile] = []
    for numbers in try numberedFiles(Self.prefix) {
      let parts = numbers.split(separator: Self.step, maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
      guard let epoch = parts[0], let step = parts.count > 1 ? parts[1] : 0 else { continue }
      let checkpoint = checkpoint(epoch: epoch, step: step)
      // Only under the name that we would give it ourselves: not epoch-7, not epoch-+007.
      if checkpoint.path.hasSuffix("/\(Self.prefix)\(numbers)\(Self.suffix)") { found.append(checkpoint) }
    }
    return found.sorted { ($0.epoch, $0.step) > ($1.epoch, $1.step) }
  }

  /// The model of this `epoch`, which was the best so far: `checkpoints/best-0007.safetensors`. Kept as long as there is a
  /// checkpoint that says so, for a run that continues from there.
  package func best(epoch: Int) -> String {
    "\(checkpointDirectory)/\(Self.bestPrefix)\(padded(zeros: 4, String(epoch)))\(Self.suffix)"
  }

  /// The epochs whose models are kept as the best so far, newest first.
  package func bestEpochs() throws(FileError) -> [Int] {
    try numberedFiles(Self.bestPrefix).compactMap { digits in
      Int(digits).flatMap { best(epoch: $0).hasSuffix("/\(Self.bestPrefix)\(digits)\(Self.suffix)") ? $0 : nil }
    }.sorted(by: >)
  }

  /// Makes the folder if it is missing, and deletes temporary files that an interrupted writer left.
  ///
  /// Only for the one process that writes here, before it does.
  package func prepare() throws(FileError) {
    try FileSystem.makeDirectories(checkpointDirectory)
    try AtomicFile.removeLeftovers(in: path)
    try AtomicFile.removeLeftovers(in: checkpointDirectory)
  }

  /// Deletes all checkpoints but the newest `keep`, and the best models that none of them needs.
  ///
  /// - Precondition: `keep` ≥ 1, for the newest is what a run resumes from.
  package func prune(keep: Int) throws(FileError) {
    precondition(keep >= 1, "the newest checkpoint must stay")
    let all = try checkpoints()
    for checkpoint in all.dropFirst(keep) { try FileSystem.remove(checkpoint.path) }
    // The oldest one needs the last best model before it; the others need that one or later ones.
    guard let oldest = all.prefix(keep).last else { return }
    for epoch in try bestEpochs().drop(while: { $0 > oldest.epoch }).dropFirst() {
      try FileSystem.remove(best(epoch: epoch))
    }
  }

  /// Takes the checkpoints that are newer than `checkpoint`, from which a run continues, out of the way: they cannot be used,
  /// and would count among the latest ones. They are kept, as `….safetensors.aside`. Best models that are newer go: the run
  /// makes them again, unless its further course is another one.
  package func setAside(newerThan checkpoint: CheckpointFile) throws(FileError) {
    for newer in try checkpoints().prefix(while: { $0 != checkpoint }) {
      try FileSystem.rename(newer.path, to: newer.path + Self.aside)
    }
    for epoch in try bestEpochs() where epoch > checkpoint.epoch { try FileSystem.remove(best(epoch: epoch)) }
  }

  /// Deletes the checkpoints, best models, files set aside and the evaluation, for a run that starts again.
  package func removeCheckpoints() throws(FileError) {
    for checkpoint in try checkpoints() { try FileSystem.remove(checkpoint.path) }
    for epoch in try bestEpochs() { try FileSystem.remove(best(epoch: epoch)) }
    if FileSystem.exists(evaluation) { try FileSystem.remove(evaluation) }
    for name in try FileSystem.list(checkpointDirectory) where name.hasSuffix(Self.suffix + Self.aside) {
      try FileSystem.remove("\(checkpointDirectory)/\(name)")
    }
  }

  /// Whether the folder is free for a new run: it is empty, or holds what a start left that was interrupted. That is nothing
  /// but files of a run, among them its first one, `owner.txt`: a `history.csv` alone may be somebody else's.
  package func isFree() throws(FileError) -> Bool {
    let names = try FileSystem.list(path)
    guard names.contains(where: { !AtomicFile.isTemporary($0) }) else { return true }
    let own = Set(ownNames + [Self.checkpoints])
    return names.allSatisfy { own.contains($0) || AtomicFile.isTemporary($0) } && FolderOwner.Record(of: self) != nil
  }

  /// Whether the folder holds a run.
  package var isRun: Bool { [configuration, status].contains { FileSystem.exists($0) } }

  /// The names of the files of a run at the top level of its folder.
  var ownNames: [String] {
    [configuration, history, costs, model, ranks, log, status, owner, events, split, metrics].map {
      String($0.dropFirst(path.count + 1))
    }
  }

  /// `error` of writing here, with what to do once its cause is gone.
  func advising(_ error: any Error) -> any Error {
    guard let error = error as? FileError, case .system = error else { return error }
    let hasCheckpoint = FileSystem.exists(configuration) && (try? checkpoints())?.isEmpty == false
    let next =
      hasCheckpoint
      ? "then continue with --resume \(path.quotedForShell); or move the folder to another disk and resume it there"
      : "then start the run again; or choose another output.directory"
    return Failure(error.exitCode, "\(error), \(next)")
  }

  /// What stands between `prefix` and `.safetensors` in the names of checkpoints.
  private func numberedFiles(_ prefix: String) throws(FileError) -> [String] {
    let names: [String]
    do { names = try FileSystem.list(checkpointDirectory) } catch .system(_, _, ENOENT) { return [] }
    return names.filter {
      $0.hasPrefix(prefix) && $0.hasSuffix(Self.suffix) && $0.count >= prefix.count + Self.suffix.count
    }.map { String($0.dropFirst(prefix.count).dropLast(Self.suffix.count)) }
  }

  private static let bestPrefix = "best-"
  private static let step = "-step-"
  private static let aside = ".aside"
  private static let prefix = "epoch-"
  private static let suffix = ".safetensors"

  private static let checkpoints = "checkpoints"

  private var checkpointDirectory: String { "\(path)/\(Self.checkpoints)" }
}
