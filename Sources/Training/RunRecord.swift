internal import Events
internal import FoundationEssentials
internal import NeuralNetwork

/// What rank 0 writes while a run goes on: checkpoints, costs, history, the best model, the log.
///
/// Costs of steps wait in memory until the next checkpoint, so that files and checkpoint always tell of the same step.
struct RunRecord {
  private let folder: RunFolder
  private let run: RunFile
  private let eventsDigest: String
  private var costsFile: CostsFile
  private var historyFile: HistoryFile
  private var waitingCosts: [Double] = []
  private var waitingEpochs: [EpochRecord] = []
  /// The best model since the last checkpoint, if it is better than the one on disk.
  private var waitingModel: Checkpoint?
  private(set) var best: Checkpoint.Best?

  /// Prepares the folder: empty for a new run, cut back to the checkpoint for one that goes on.
  init(
    _ start: RunStart, run: RunFile, eventsDigest: String, checkpoint: Checkpoint?, trainer: borrowing Trainer
  ) throws {
    folder = start.folder
    self.run = run
    self.eventsDigest = eventsDigest
    if checkpoint == nil, FileManager.default.fileExists(atPath: folder.configuration) {
      try FileSystem.remove(folder.configuration)  // From here on the old files are no run any more.
    }
    try folder.prepare()
    if let checkpoint {
      costsFile = try CostsFile(resumingAt: folder.costs, count: checkpoint.costs)
      historyFile = try HistoryFile(resumingAt: folder.history, epochs: checkpoint.history)
      best = checkpoint.best
      try requireModel(of: checkpoint)
      // A run that goes on is not finished.
      if checkpoint.epoch < run.training.epochs { try FileSystem.remove(folder.metrics) }
    } else {
      for old in try folder.checkpoints().map(\.path) + [folder.model, folder.metrics, folder.log] {
        try FileSystem.remove(old)
      }
      costsFile = try CostsFile(creatingAt: folder.costs)
      historyFile = try HistoryFile(creatingAt: folder.history)
    }
    try AtomicFile.write(Array(run.yaml().utf8), to: folder.configuration)
    guard checkpoint == nil else { return }
    waitingModel = model(epoch: 0, trainer)
    try writeCheckpoint(epoch: 0, trainer)
  }

  /// The best model so far is on disk and fits the checkpoint.
  private func requireModel(of checkpoint: Checkpoint) throws {
    let model = try readModel()
    guard model.layers.map(\.outputs) == checkpoint.layers.map(\.outputs), model.featureNames == checkpoint.featureNames
    else {
      throw Failure(.badData, "\(folder.model): it is the model of another run; bring back the one of this run")
    }
  }

  mutating func add(cost: Double) { waitingCosts.append(cost) }

  /// Takes in a finished epoch: keeps the model if it is the best so far, writes a checkpoint if it is time.
  mutating func finish(_ epoch: EpochRecord, trainer: borrowing Trainer, log: String) throws {
    waitingEpochs.append(epoch)
    let isBest = epoch.validationLoss.map { $0 < best?.loss ?? .infinity } ?? true
    if isBest {
      best = epoch.validationLoss.map { Checkpoint.Best(epoch: epoch.epoch, loss: $0) }
      waitingModel = model(epoch: epoch.epoch, trainer)
    }
    guard epoch.epoch == run.training.epochs || epoch.epoch % run.output.checkpointEvery == 0 else { return }
    try costsFile.append(waitingCosts)
    waitingCosts.removeAll(keepingCapacity: true)
    for record in waitingEpochs { try historyFile.append(record) }
    waitingEpochs.removeAll(keepingCapacity: true)
    try writeCheckpoint(epoch: epoch.epoch, trainer)
    try folder.prune(keep: run.output.keep)
    try AtomicFile.write(Array(log.utf8), to: folder.log)
  }

  /// Writes the costs of the steps before a training broke off, for people to look at; a run that goes on cuts them off.
  mutating func keepCosts() {
    try? costsFile.append(waitingCosts)  // The run ends with a more important message than this one's failure.
    waitingCosts.removeAll()
  }

  /// The model that was kept.
  func readModel() throws -> Checkpoint {
    try Checkpoint(decoding: try FileSystem.read(folder.model), path: folder.model)
  }

  /// What was printed in the earlier life of a run that goes on.
  func readLog() -> String { (try? FileSystem.read(folder.log)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  func write(_ summary: RunSummary, log: String) throws {
    try AtomicFile.write(Array((json(summary) + "\n").utf8), to: folder.metrics)
    try AtomicFile.write(Array(log.utf8), to: folder.log)
  }

  /// Writes the best model, if there is a new one, and then the checkpoint that names it.
  private mutating func writeCheckpoint(epoch: Int, _ trainer: borrowing Trainer) throws {
    if let model = waitingModel { try AtomicFile.write(model.encoded(), to: folder.model) }
    waitingModel = nil
    try AtomicFile.write(state(epoch: epoch, trainer).encoded(), to: folder.checkpoint(epoch: epoch).path)
  }

  /// A checkpoint for use only.
  private func model(epoch: Int, _ trainer: borrowing Trainer) -> Checkpoint {
    var model = state(epoch: epoch, trainer)
    model.velocity = []
    return model
  }

  private func state(epoch: Int, _ trainer: borrowing Trainer) -> Checkpoint {
    Checkpoint(
      runFile: run.yaml(), epoch: epoch, step: epoch * trainer.plan.stepsPerEpoch, costs: costsFile.count,
      history: historyFile.epochs, best: best, classNames: trainer.dataset.classNames,
      featureNames: trainer.dataset.featureNames, classWeights: trainer.dataset.classWeights,
      eventsDigest: eventsDigest, block: trainer.plan.block,
      gridExponents: trainer.grid.exponents, standardization: trainer.dataset.standardization,
      network: trainer.network, velocity: trainer.optimizer.velocity)
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
