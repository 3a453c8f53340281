internal import Events
internal import FoundationEssentials
internal import Glibc
internal import MPI
internal import NeuralNetwork

/// What rank 0 writes while a run goes on: checkpoints, costs, history, the best model, the log.
///
/// Costs of steps wait in memory until the next checkpoint, so that files and checkpoint always tell of the same step. Of the
/// files that a checkpoint speaks of, each is on the disk before the checkpoint is: a run that is killed between any two
/// writes goes on from the checkpoint before.
struct RunRecord {
  private let folder: RunFolder
  private let run: RunFile
  private let eventsDigest: String
  private var costsFile: CostsFile
  private var historyFile: HistoryFile
  private let ranksFile: RanksFile
  private let owner: FolderOwner
  private var waitingCosts: [Double] = []
  private var waitingEpochs: [EpochRecord] = []
  /// The best model since the last checkpoint, if it is better than the one on disk.
  private var waitingModel: Checkpoint?
  private var slowRanks: SlowRanks
  private var best: Checkpoint.Best?
  /// Tells those who watch from elsewhere.
  private let heartbeat: Heartbeat
  /// What writing has cost so far.
  private(set) var written = WrittenCheckpoints()

  /// The folder of the run.
  var path: String { folder.path }

  /// Prepares the folder: empty for a new run, cut back to the checkpoint for one that goes on.
  init(
    _ start: RunStart, run: RunFile, eventsDigest: String, placement: Placement, trainer: borrowing Trainer,
    _ watchdog: Watchdog
  ) throws {
    folder = start.folder
    self.run = run
    self.eventsDigest = eventsDigest
    let hosts = placement.hostsByRank
    slowRanks = SlowRanks(hosts: hosts, areCrowded: placement.isCrowded)
    let resumed = start.resumed
    try FileSystem.makeDirectories(folder.path)
    owner = try FolderOwner(claiming: folder.owner, as: Self.processName())
    if resumed == nil, FileManager.default.fileExists(atPath: folder.configuration) {
      try FileSystem.remove(folder.configuration)  // From here on the old files are no run any more.
    }
    try folder.prepare()
    if let resumed {
      let checkpoint = resumed.state
      let model = resumed.model.encoded()
      // Another process that still wrote here may have deleted what this one has read, for newer ones.
      try Self.restore(checkpoint.encoded(), at: resumed.file.path)
      if let best = checkpoint.best { try Self.restore(model, at: folder.best(epoch: best.epoch)) }
      // Before what newer ones speak of is cut off.
      try folder.setAside(newerThan: resumed.file)
      costsFile = try CostsFile(resumingAt: folder.costs, count: checkpoint.costs)
      historyFile = try HistoryFile(resumingAt: folder.history, epochs: checkpoint.history)
      best = checkpoint.best
      if (try? FileSystem.read(folder.model)) != model { try AtomicFile.write(model, to: folder.model) }
      // A run that goes on is not finished.
      if checkpoint.epoch < run.training.epochs { try FileSystem.remove(folder.metrics) }
    } else {
      try folder.removeCheckpoints()
      for old in [folder.model, folder.metrics, folder.log, folder.status] { try FileSystem.remove(old) }
      costsFile = try CostsFile(creatingAt: folder.costs)
      historyFile = try HistoryFile(creatingAt: folder.history)
    }
    ranksFile = try RanksFile(folder.ranks, hosts: hosts, isNew: resumed == nil)
    try AtomicFile.write(Array(run.yaml().utf8), to: folder.configuration)
    let position = resumed.map { TrainingPosition($0.state) } ?? TrainingPosition()
    let status = RunStatus(placement, run: run, position: position, best: best, steps: trainer.plan.stepsPerEpoch)
    heartbeat = Heartbeat(
      status, path: folder.status, position: position, batchSize: min(trainer.plan.batchSize, trainer.plan.events),
      owner, watchdog)
    guard resumed == nil else { return }
    waitingModel = state(at: position, trainer).model
    try writeCheckpoint(at: position, trainer)
  }

  mutating func add(cost: Double) { waitingCosts.append(cost) }

  /// Takes in a finished epoch: keeps the model if it is the best so far, writes a checkpoint if it is time.
  ///
  /// - Parameter best: the best epoch so far, this one included; nil without validation events.
  mutating func finish(
    _ epoch: EpochRecord, _ times: RankTimes, best: Checkpoint.Best?, isLast: Bool, trainer: borrowing Trainer,
    _ console: Console
  ) throws {
    if let warning = slowRanks.warning(epoch.epoch, times) { console.warn(warning) }
    waitingEpochs.append(epoch)
    heartbeat.tell(epoch, best: best)
    let position = TrainingPosition(epoch: epoch.epoch)
    self.best = best
    if best?.epoch ?? epoch.epoch == epoch.epoch { waitingModel = state(at: position, trainer).model }
    if isLast || epoch.epoch % run.output.checkpointEvery == 0 {
      try writeCheckpoint(at: position, trainer)
      try AtomicFile.write(Array(console.log.utf8), to: folder.log)
    }
    // Last: a disk that has no room for it has the epoch.
    try ranksFile.append(epoch: epoch.epoch, times)
  }

  /// Writes a checkpoint at any step, for a run that ends early.
  mutating func stop(at position: TrainingPosition, trainer: borrowing Trainer, log: String) throws {
    try writeCheckpoint(at: position, trainer)
    try AtomicFile.write(Array(log.utf8), to: folder.log)
  }

  /// Writes the costs of the steps before a training broke off, for people to look at; a run that goes on cuts them off.
  mutating func keepCosts() {
    // The run ends with a more important message than this one's failure.
    if owner.isStillOwner { try? costsFile.append(waitingCosts) }
    waitingCosts.removeAll()
  }

  /// The model that was kept.
  func readModel() throws -> Checkpoint {
    try Checkpoint(decoding: try FileSystem.read(folder.model), path: folder.model)
  }

  /// What was printed in the earlier life of a run that goes on.
  func readLog() -> String { (try? FileSystem.read(folder.log)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  func write(_ summary: RunSummary, log: String) throws {
    try requireOwnership()
    try AtomicFile.write(Array((json(summary) + "\n").utf8), to: folder.metrics)
    try AtomicFile.write(Array(log.utf8), to: folder.log)
  }

  /// The run is over: at its end, or before it for a reason.
  func end(_ failure: Failure?) { heartbeat.end(failure) }

  /// Writes a file that is not there. Its bytes are made only then.
  private static func restore(_ bytes: @autoclosure () -> [UInt8], at path: String) throws(FileError) {
    if !FileManager.default.fileExists(atPath: path) { try AtomicFile.write(bytes(), to: path) }
  }

  /// Host, process, job and time of this process.
  private static func processName() -> String {
    let job = BatchJob.current.map { ", \($0.description)" } ?? ""
    let now = Date()
    // To a tenth of a microsecond, in case a container's processes all have the same number.
    let exactly = now.timeIntervalSince1970
    return "\(hostName()), process \(getpid())\(job), since \(now.formatted(.iso8601)) (\(exactly))"
  }

  private func requireOwnership() throws {
    guard let successor = try owner.successor() else { return }
    throw Failure(
      .ranksDisagree,
      "\(folder.path): another process goes on with this run (\(successor)); this one ends and leaves the rest to it")
  }

  /// Writes what the checkpoint speaks of, then the checkpoint; at last what depends on it, and is made good on resuming
  /// where a run ends before.
  private mutating func writeCheckpoint(at position: TrainingPosition, _ trainer: borrowing Trainer) throws {
    let start = ContinuousClock.now
    try requireOwnership()
    try costsFile.append(waitingCosts)
    waitingCosts.removeAll(keepingCapacity: true)
    while let record = waitingEpochs.first {
      try historyFile.append(record)
      waitingEpochs.removeFirst()
    }
    let model = waitingModel?.encoded()
    if let model, let best { try AtomicFile.write(model, to: folder.best(epoch: best.epoch)) }
    let checkpoint = state(at: position, trainer).encoded()
    try AtomicFile.write(checkpoint, to: folder.checkpoint(epoch: position.epoch, step: position.step).path)
    if let model { try AtomicFile.write(model, to: folder.model) }
    waitingModel = nil
    try folder.prune(keep: run.output.keep)
    written.add(bytes: checkpoint.count, seconds: seconds(since: start))
  }

  private func state(at position: TrainingPosition, _ trainer: borrowing Trainer) -> Checkpoint {
    let dataset = trainer.dataset
    let layout = trainer.network.layout
    let steps = position.epoch * trainer.plan.stepsPerEpoch + position.step
    // Rows of the files as they will be when this is written: the same whenever that is.
    return Checkpoint(
      runFile: run.yaml(), epoch: position.epoch, step: steps, stepInEpoch: position.step, epochSums: position.sums,
      costs: steps, history: position.epoch, best: best, classNames: dataset.classNames,
      featureNames: dataset.featureNames,
      classWeights: dataset.classWeights, eventsDigest: eventsDigest, block: trainer.plan.block,
      gridExponents: trainer.grid.exponents, standardization: dataset.standardization,
      layers: Checkpoint.layers(of: trainer.network.parameters, layout),
      velocity: Checkpoint.layers(of: trainer.optimizer.velocity, layout))
  }
}

/// What a run's checkpoints have cost.
struct WrittenCheckpoints {
  private(set) var count = 0
  /// Of the last one.
  private(set) var bytes = 0
  private(set) var seconds = 0.0

  mutating func add(bytes: Int, seconds: Double) {
    count += 1
    self.bytes = bytes
    self.seconds += seconds
  }
}

/// What metrics.json tells of a run. Nothing in it depends on time or place.
struct RunSummary: Codable, Equatable {
  var classes: [String]
  var features: [String]
  /// Epochs trained, and the one whose model was kept.
  var epochs: Int
  var bestEpoch: Int
  var steps: Int
  /// The best model on all events of each split, nil where there are none.
  var training: Metrics?
  var validation: Metrics?
  var test: Metrics?

  private enum CodingKeys: String, CodingKey {
    case classes, features, epochs, steps, training, validation, test
    case bestEpoch = "best_epoch"
  }
}
