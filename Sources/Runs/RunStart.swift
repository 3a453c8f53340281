import Machine
import MPI
import NeuralNetwork
package import RunFiles
import Training

/// What rank 0 determines first: which run file applies, which folder is written, where to continue.
package struct RunStart {
  package let folder: RunFolder
  package let run: RunFile
  /// Where to continue.
  package let resumed: Resumed?
  /// Whether nothing is left to do: `--continue` found the run at its end.
  package private(set) var isFinished = false
  /// The last process that ran in the folder.
  let formerOwner: FolderOwner.Record?

  /// A checkpoint to continue from.
  package struct Resumed {
    package let file: RunFolder.CheckpointFile
    /// The bytes that were read.
    let bytes: [UInt8]
    let state: Checkpoint
    /// The best model so far.
    let model: Checkpoint
  }

  package init(_ request: RunRequest) throws {
    (run, folder) = try Self.find(request)
    try FolderOwner.requireNobody(in: folder)
    formerOwner = FolderOwner.Record(of: folder)
    if let resume = request.resume {
      resumed = try Self.newestIntact(in: folder, for: run, option: "--resume \(resume)")
    } else if request.continues, FileSystem.exists(folder.configuration), try !folder.checkpoints().isEmpty {
      resumed = try Self.newestIntact(in: folder, for: run, option: "--continue")
      isFinished = hasEnded
    } else {
      resumed = nil
      if !request.force {
        try requireFree()
        isFinished = holdsThisRun()
      }
    }
    if isFinished, let path = try EventFilesRecord(of: folder)?.firstChange(in: run) {
      throw Failure(
        .usage,
        "\(folder.path): this run is finished, but \(path) has changed since; to train on the new events, change name or "
          + "output.directory, or overwrite the run with --force")
    }
    // What `ExactScalar` adds up exactly.
    let block = run.trainerOptions.block
    guard run.training.batchSize / block < 1 << 22 else {
      throw Failure(
        .usage,
        "training.batch_size: a batch of \(grouped(run.training.batchSize)) events has more than 4,194,304 blocks of "
          + "\(grouped(block)); make it smaller, or set a larger training.block"
      )
    }
  }

  /// Which run a user means, and where its files are, whatever the folder contains.
  package static func find(_ request: RunRequest) throws -> (run: RunFile, folder: RunFolder) {
    if let resume = request.resume {
      guard request.runFile == nil else {
        throw Failure(
          .usage, "--resume \(resume): a resumed run has its own run file in its folder; leave out the other one")
      }
      let folder = RunFolder(resume)
      if let refusal = GivenPath.refusal(ofRun: resume, option: "--resume") { throw refusal }
      guard FileSystem.exists(folder.configuration) else {
        throw Failure(.missing, "\(resume): this folder has no config.yaml, without which the run cannot continue")
      }
      return (
        try RunFile(contentsOf: folder.configuration, overrides: request.overrides, isSaved: true).withBlock, folder
      )
    }
    let path = request.runFile ?? RunRequest.defaultRunFile
    if request.runFile == nil && !FileSystem.exists(path) {
      throw Failure(
        .missing,
        "\(path): this default run file is not here; give your run file "
          + "(\(Invocation.current.command("my-run.yaml"))), or start in the folder that you cloned")
    }
    if let refusal = GivenPath.refusal(ofRunFile: path) { throw refusal }
    var run = try RunFile(contentsOf: path, overrides: request.overrides).withBlock
    let folder = RunFolder(of: run)
    // A run that an older version began in this folder was divided by training.seed, and its run file does not say so.
    if run.hasDefaultSplitSeed, !request.force,
      let saved = try? RunFile(contentsOf: folder.configuration, overrides: [], isSaved: true),
      saved.hasDefaultSplitSeed || saved.split.seed == saved.training.seed
    {
      run.split.seed = saved.split.seed
    }
    return (run, folder)
  }

  /// Whether the folder holds this very run, finished.
  private var hasEnded: Bool {
    guard FileSystem.exists(folder.metrics) else { return false }
    return (try? RunFile(contentsOf: folder.configuration, overrides: [], isSaved: true))?.training == run.training
  }

  /// Whether the folder holds a finished run with the same run file.
  private func holdsThisRun() -> Bool {
    guard FileSystem.exists(folder.metrics) else { return false }
    return (try? RunFile(contentsOf: folder.configuration, overrides: [], isSaved: true))?.isSameTraining(as: run)
      == true
  }

  /// A folder may be written if it is empty, or if it holds the same run and that run has not yet come to a step. It may also
  /// hold the same run, finished: then nothing is left to do.
  private func requireFree() throws {
    guard FileSystem.exists(folder.path) else { return }
    let hasSteps = try folder.checkpoints().contains { $0.epoch + $0.step > 0 }
    guard let saved = try? RunFile(contentsOf: folder.configuration, overrides: [], isSaved: true) else {
      // Without config.yaml it may be left over from an interrupted start.
      guard try folder.isFree() && !hasSteps && !FileSystem.exists(folder.configuration) else {
        throw Failure(
          .usage,
          "\(folder.path): the folder holds files that are not of this run; change name or output.directory, "
            + "or overwrite them with --force")
      }
      return
    }
    guard saved.isSameTraining(as: run) else {
      throw Failure(
        .usage,
        "\(folder.path): the folder holds a run with another run file; change name or output.directory, "
          + (canContinue(saved) ? "continue that run with --resume, " : "") + "or overwrite it with --force")
    }
    if hasSteps && !FileSystem.exists(folder.metrics) {
      throw Failure(
        .usage,
        "\(folder.path): this run was interrupted; continue it with --continue, or start it again with --force")
    }
  }

  /// Whether `saved`, which is in the folder, can continue as this run.
  private func canContinue(_ saved: RunFile) -> Bool {
    (try? Self.requireSameTraining(run, as: saved, option: "")) != nil
  }

  /// Only how long to train and what to keep may change when a run continues.
  private static func requireSameTraining(_ run: RunFile, as saved: RunFile, option: String) throws {
    var allowed = saved
    allowed.training.epochs = run.training.epochs
    // Metrics are only reported and change nothing, except the one that is monitored.
    allowed.training.monitoring.earlyStopping = run.training.monitoring.earlyStopping
    allowed.training.monitoring.metrics = run.training.monitoring.metrics
    allowed.output.checkpointEvery = run.output.checkpointEvery
    allowed.output.keep = run.output.keep
    allowed.data.directory = run.data.directory
    allowed.safety = run.safety
    guard allowed.isSameTraining(as: run) else {
      throw Failure(
        .usage,
        "\(option): the run file is not that of the checkpoint; only training.epochs, training.early_stopping, "
          + "training.metrics, evaluation, data.directory, output.checkpoint_every, output.keep and safety "
          + "can change when a run continues; leave the other overrides out or start a new run")
    }
  }

  /// The newest checkpoint that can be read, from which `run` can continue; `option` is the option that asked for it.
  private static func newestIntact(in folder: RunFolder, for run: RunFile, option: String) throws -> Resumed {
    let found = try newestIntact(in: folder)
    let checkpoint = found.state
    let saved = try RunFile(yaml: checkpoint.runFile, named: folder.path, overrides: [], isSaved: true).withBlock
    try requireSameTraining(run, as: saved, option: option)
    guard run.training.epochs >= checkpoint.position.epoch + (checkpoint.position.step > 0 ? 1 : 0) else {
      throw Failure(
        .usage,
        "\(option): the run has already trained \(counted(checkpoint.position.epoch, "epoch"))"
          + (checkpoint.position.step > 0 ? " and part of the next" : "")
          + ", but training.epochs is \(run.training.epochs); raise it")
    }
    return found
  }

  /// The newest checkpoint that can be read, with the best model at that time; others are skipped with a warning.
  private static func newestIntact(in folder: RunFolder) throws -> Resumed {
    for file in try folder.checkpoints() {
      do {
        let bytes = try FileSystem.read(file.path)
        let state = try Checkpoint(decoding: bytes, path: file.path)
        guard state.position.epoch == file.epoch, state.position.step == file.step else {
          throw Failure(
            .badData,
            "\(file.path): holds epoch \(state.position.epoch), step \(state.position.step); rename it back")
        }
        return Resumed(file: file, bytes: bytes, state: state, model: try bestModel(of: state, file, in: folder))
      } catch {
        StandardStream.error.write("dist-train: warning: \(Failure(error)); trying the one before\n")
      }
    }
    throw Failure(
      .missing, "\(folder.path)/checkpoints: no checkpoint that can be read; start the run again with --force")
  }

  /// The best model when a checkpoint was written: from the file that keeps it, or from another that has it too.
  private static func bestModel(
    of state: Checkpoint, _ file: RunFolder.CheckpointFile, in folder: RunFolder
  ) throws -> Checkpoint {
    // Without validation events the last epoch is the best one.
    if state.best == nil && state.position.step == 0 { return state.forUse }
    let epoch = state.best?.epoch ?? state.position.epoch
    for path in [folder.best(epoch: epoch), folder.model, folder.checkpoint(epoch: epoch).path] {
      guard let bytes = try? FileSystem.read(path), let found = try? Checkpoint(decoding: bytes, path: path),
        found.position.epoch == epoch, found.position.step == 0, found.eventsDigest == state.eventsDigest,
        found.model.sizes == state.model.sizes
      else { continue }
      return found.forUse
    }
    if state.best == nil { return state.forUse }  // The end of the epoch replaces it.
    throw Failure(
      .badData, "\(file.path): the best model then, of epoch \(epoch), cannot be read from \(folder.best(epoch: epoch))"
    )
  }
}
