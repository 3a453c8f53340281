import Events
import Machine
import MPI
import NeuralNetwork
import Results
import RunFiles
import Training

/// What rank 0 writes while a run trains: checkpoints, costs, history, the best model, the log.
///
/// Costs of steps stay in memory until the next checkpoint, so that files and checkpoint always refer to the same step. The
/// files that a checkpoint refers to are on disk before the checkpoint is: a run that is killed between any two
/// writes continues from the previous checkpoint.
struct RunWriter {
  private let folder: RunFolder
  private let run: RunFile
  private let eventsDigest: String
  private let events: EventStore
  private let plan: StepPlan
  private let layout: ParameterLayout
  private var costsFile: CostsFile
  private var historyFile: HistoryFile
  private let ranksFile: RanksFile
  private let owner: FolderOwner
  private var waitingCosts: [Double] = []
  private var waitingEpochs: [EpochRecord] = []
  /// The best model since the last checkpoint, if it is better than the one on disk.
  private var waitingModel: Checkpoint?
  private var slowRanks: SlowRanks
  private var best: Best?
  /// Writes status.json for those who watch from elsewhere.
  private let heartbeat: Heartbeat
  /// What writing has cost so far.
  private(set) var written = WrittenCheckpoints()

  /// Prepares the folder: empty for a new run, cut back to the checkpoint for one that continues.
  init(
    _ start: AgreedStart, placement: Placement, _ trainer: borrowing Trainer, _ loaded: LoadedEvents,
    _ watchdog: Watchdog
  ) throws {
    folder = start.folder
    run = start.run
    eventsDigest = loaded.digest
    events = trainer.events
    plan = trainer.plan
    layout = trainer.network.layout
    let hosts = placement.hostsByRank
    slowRanks = SlowRanks(hosts: hosts, areCrowded: placement.isCrowded)
    let resumed = start.resumed
    try FileSystem.makeDirectories(folder.path)
    // Another process may have taken over while the events were read.
    if FolderOwner.Record(of: folder) != start.formerOwner {
      try FolderOwner.requireNobody(in: folder)
    }
    owner = try FolderOwner(claiming: folder, as: .current)
    // From here on status.json is this process's.
    try FileSystem.remove(folder.status)
    if resumed == nil, FileSystem.exists(folder.configuration) {
      try FileSystem.remove(folder.configuration)  // From here on the old files are not a run any more.
    }
    try folder.prepare()
    if let resumed {
      let checkpoint = resumed.state
      let model = resumed.model.encoded()
      // Another process that still wrote here may have deleted what this one has read, for newer ones.
      try Self.restore(resumed.bytes, at: resumed.file.path)
      if let best = checkpoint.best { try Self.restore(model, at: folder.best(epoch: best.epoch)) }
      // Before what newer ones refer to is cut off.
      try folder.setAside(newerThan: resumed.file)
      costsFile = try CostsFile(resumingAt: folder.costs, count: checkpoint.costs)
      historyFile = try HistoryFile(
        resumingAt: folder.history, run.training.monitoring.metrics, epochs: checkpoint.history)
      best = checkpoint.best
      if (try? FileSystem.read(folder.model)) != model { try AtomicFile.write(model, to: folder.model) }
      // A run that continues is not finished.
      if checkpoint.position.epoch < run.training.epochs { try FileSystem.remove(folder.metrics) }
    } else {
      try folder.removeCheckpoints()
      for old in [folder.model, folder.metrics, folder.log] { try FileSystem.remove(old) }
      costsFile = try CostsFile(creatingAt: folder.costs)
      historyFile = try HistoryFile(creatingAt: folder.history, run.training.monitoring.metrics)
    }
    ranksFile = try RanksFile(folder.ranks, hosts: hosts, isNew: resumed == nil)
    try EventFilesRecord(loaded.files).write(to: folder)
    try SplitFile(loaded.uses).write(to: folder, isNew: resumed == nil)
    try AtomicFile.write(Array(run.yaml().utf8), to: folder.configuration)
    let position = resumed?.state.position ?? TrainingPosition()
    let status = RunStatus(placement, run: run, position: position, best: best, steps: plan.stepsPerEpoch)
    heartbeat = Heartbeat(
      status, path: folder.status, position: position, batchSize: plan.fullBatch,
      owner, watchdog)
    guard resumed == nil else { return }
    let state = checkpoint(at: position, trainer.state)
    waitingModel = state.forUse
    try write(state)
  }

  /// Lets `body` change this writer in place, where an optional holds it.
  mutating func apply(_ body: (inout RunWriter) throws -> Void) rethrows { try body(&self) }

  mutating func add(cost: Double) { waitingCosts.append(cost) }

  /// Takes in a finished epoch: keeps the model if it is the best so far, writes a checkpoint if it is time.
  ///
  /// - Parameter best: the best epoch so far, this one included; nil without validation events.
  mutating func finish(
    _ epoch: EpochRecord, _ times: RankTimes, best: Best?, isLast: Bool,
    state: @autoclosure () throws -> TrainerState,
    _ report: Console
  ) throws {
    if let warning = slowRanks.warning(epoch.epoch, times) { report.warn(warning) }
    waitingEpochs.append(epoch)
    heartbeat.note(epoch, best: best)
    self.best = best
    let isBest = best?.epoch ?? epoch.epoch == epoch.epoch
    let isDue = isLast || epoch.epoch % run.output.checkpointEvery == 0
    if isBest || isDue {
      let checkpoint = checkpoint(at: TrainingPosition(epoch: epoch.epoch), try state())
      if isBest { waitingModel = checkpoint.forUse }
      if isDue {
        try write(checkpoint)
        try writeLog(report.log)
      }
    }
    // Last: if the disk has no room for it, the epoch is saved already.
    try ranksFile.append(epoch: epoch.epoch, times)
  }

  /// Writes a checkpoint at any step, for a run that ends early.
  mutating func stop(at position: TrainingPosition, _ state: TrainerState, log: String) throws {
    try write(checkpoint(at: position, state))
    try writeLog(log)
  }

  /// All of it each time: with a line of 80 bytes an epoch and a checkpoint in each, 10,000 epochs write 4 GB in all, less than
  /// their checkpoints.
  private func writeLog(_ log: String) throws(FileError) { try AtomicFile.write(Array(log.utf8), to: folder.log) }

  /// Writes the costs of the steps before a training broke off, for inspection; a resumed run cuts them off.
  mutating func flushCosts() {
    // The run ends with a more important message than a failure here.
    if owner.isStillOwner { try? costsFile.append(waitingCosts) }
    waitingCosts.removeAll()
  }

  /// What a resumed run printed before.
  func readLog() -> String { (try? FileSystem.read(folder.log)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  /// The monitored metric of the validation events of the epochs on the disk; none without validation events.
  func monitoredValues(_ metric: Metric) throws(FileError) -> [Double] {
    try HistoryFile.read(folder.history).compactMap { $0.validation?[metric] }
  }

  /// The bytes of the model that was kept.
  func readModel() throws(FileError) -> [UInt8] { try FileSystem.read(folder.model) }

  func write(_ summary: RunSummary, log: String) throws {
    try requireOwnership()
    try AtomicFile.write(Array((json(summary) + "\n").utf8), to: folder.metrics)
    try writeLog(log)
  }

  /// The run is over: at its end, or before it for a reason.
  func end(_ failure: Failure?) { heartbeat.end(failure) }

  /// Writes a file if it is missing; `bytes` is evaluated only then.
  private static func restore(_ bytes: @autoclosure () -> [UInt8], at path: String) throws(FileError) {
    if !FileSystem.exists(path) { try AtomicFile.write(bytes(), to: path) }
  }

  private func requireOwnership() throws {
    guard let successor = try owner.successor() else { return }
    throw Failure(
      .ranksDisagree,
      "\(folder.path): another process continues this run (\(successor)); this one ends")
  }

  /// Writes what the checkpoint refers to, then the checkpoint; last what depends on it, which resuming repairs
  /// if the run ends before.
  private mutating func write(_ checkpoint: Checkpoint) throws {
    let start = ContinuousClock.now
    try requireOwnership()
    do throws(FileError) { try appendWaiting() } catch {
      // A process that was suspended since it checked finds what its successor wrote.
      try requireOwnership()
      throw error
    }
    let model = waitingModel?.encoded()
    if let model, let best { try AtomicFile.write(model, to: folder.best(epoch: best.epoch)) }
    let bytes = checkpoint.encoded()
    let position = checkpoint.position
    try AtomicFile.write(bytes, to: folder.checkpoint(epoch: position.epoch, step: position.step).path)
    if let model { try AtomicFile.write(model, to: folder.model) }
    waitingModel = nil
    try folder.prune(keep: run.output.keep)
    written.add(bytes: bytes.count, seconds: seconds(since: start))
  }

  private mutating func appendWaiting() throws(FileError) {
    try costsFile.append(waitingCosts)
    waitingCosts.removeAll(keepingCapacity: true)
    while let record = waitingEpochs.first {
      try historyFile.append(record)
      waitingEpochs.removeFirst()
    }
  }

  private func checkpoint(at position: TrainingPosition, _ state: TrainerState) -> Checkpoint {
    let steps = position.steps(perEpoch: plan.stepsPerEpoch)
    // Rows of the files as they will be when this is written: the same whenever that is.
    return Checkpoint(
      runFile: run.yaml(), position: position, step: steps, costs: steps, history: position.epoch, best: best,
      model: Model(
        classNames: events.classNames, featureNames: events.featureNames, classWeights: events.classWeights,
        meanWeight: events.meanWeight, eventWeights: FormerWeights(events.header),
        classMix: ClassMix(events.header), preprocessing: events.header.preprocessing,
        standardization: events.standardization,
        layers: Model.Layer.layers(of: state.parameters, layout)),
      eventsDigest: eventsDigest, block: plan.block, gridExponents: state.gridExponents,
      optimizer: state.optimizer.map { .init(name: $0.name, layers: Model.Layer.layers(of: $0.values, layout)) },
      plateau: state.plateau)
  }
}

/// The time spent on a run's checkpoints.
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
