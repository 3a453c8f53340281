import Events
import Foundation
import Machine
import MPI
import NeuralNetwork
import Results
import RunFiles
import Runs
import Testing
import TestSupport
import Training

@Suite struct RunTests {
  /// What metrics.json must have: a key more or less is another format.
  private struct Metrics: Decodable, Equatable {
    struct Evaluation: Decodable, Equatable {
      var loss: Double
      var unweighted_loss: Double
      var accuracy: Double
      var events: Int
      var confusion: [[Int]]
    }
    var classes: [String]
    var features: [String]
    var class_weights: [Float]
    var mean_weight: Double
    var definitions: [String: String]
    var epochs: Int
    var best_epoch: Int
    var steps: Int
    var training: Evaluation?
    var validation: Evaluation?
    var test: Evaluation?
  }

  private func metrics(_ tiny: TinyRun) throws -> Metrics {
    try JSONDecoder().decode(Metrics.self, from: Data(contents(tiny.files.metrics)))
  }

  private func newestCheckpoint(_ tiny: TinyRun) throws -> Checkpoint {
    let file = try #require(try tiny.files.checkpoints().first)
    return try Checkpoint(decoding: contents(file.path), path: file.path)
  }

  // MARK: A run from start to end

  @Test func leavesItsFiles() throws {
    let tiny = try TinyRun()
    try tiny.train()
    let folder = tiny.files
    #expect(
      try names(in: folder.path) == [
        "checkpoints", "config.yaml", "costs.npy", "events.json", "history.csv", "log.txt", "metrics.json",
        "model.safetensors",
        "owner.txt", "ranks.csv", "split.npy", "status.json",
      ])
    #expect(try folder.checkpoints().map { [$0.epoch, $0.step] } == [[3, 0], [2, 0], [1, 0]])
    #expect(try RunFile(contentsOf: folder.configuration) == tiny.wholeRunFile())
    let log = String(decoding: try contents(folder.log), as: UTF8.self)
    for line in ["Read signal            90 events from \(tiny.folder("signal.txt"))", "Best model: epoch "] {
      #expect(log.contains(line), "\(log)")
    }
    let ranks = String(decoding: try contents(folder.ranks), as: UTF8.self).split(separator: "\n")
    #expect(ranks.dropFirst().map { $0.prefix(4) } == ["1,0,", "2,0,", "3,0,"])
    let status = try #require(RunStatus.decoded(contents(folder.status)))
    #expect(status.state == .finished && status.epochs == 3 && status.message == nil)
  }

  /// The run is the trainer, step by step: the same costs, the same end.
  @Test func doesWhatTheTrainerDoes() throws {
    let tiny = try TinyRun()
    try tiny.train()
    let run = try tiny.runFile()
    let loaded = try run.loader(for: .training).load(.solo())
    var trainer = try Trainer(run.trainerOptions, events: loaded.store, threads: 1, .solo())
    var (costs, history): ([Double], [EpochRecord]) = ([], [])
    var best: Best?
    for epoch in 1...3 {
      var position = TrainingPosition(epoch: epoch - 1)
      _ = try trainer.trainEpoch(&position, .solo()) { _, cost in costs.append(cost) }
      let validation = try #require(try trainer.evaluate(trainer.events.validation, .solo())).metrics
      if validation[.loss] < best?.value ?? .infinity { best = Best(epoch: epoch, value: validation[.loss]) }
      history.append(
        EpochRecord(
          epoch: epoch, learningRate: epoch < 3 ? 0.05 : 0.025,
          training: MetricValues(position.sums, [.loss, .accuracy]),
          validation: validation, seconds: 0))
    }
    let steps = trainer.plan.stepsPerEpoch
    #expect(try CostsFile.read(tiny.files.costs) == costs && costs.count == 3 * steps && steps > 1)
    var written = try HistoryFile.read(tiny.files.history)
    for index in written.indices { written[index].seconds = 0 }
    #expect(written == history)

    let checkpoint = try newestCheckpoint(tiny)
    let (state, layout) = (trainer.state, trainer.network.layout)
    #expect(checkpoint.model.layers == Model.Layer.layers(of: state.parameters, layout))
    #expect(checkpoint.optimizer.map(\.name) == ["velocity"])
    #expect(checkpoint.optimizer[0].layers == Model.Layer.layers(of: state.optimizer[0].values, layout))
    #expect(checkpoint.gridExponents == state.gridExponents && checkpoint.best == best)
    #expect(checkpoint.position == TrainingPosition(epoch: 3) && checkpoint.step == 3 * steps)
    #expect(checkpoint.costs == 3 * steps && checkpoint.history == 3 && checkpoint.eventsDigest == loaded.digest)
    #expect(try RunFile(yaml: checkpoint.runFile, named: tiny.path) == tiny.wholeRunFile())
  }

  @Test func metricsAreThoseOfTheBestModel() throws {
    let tiny = try TinyRun()
    // Fast enough for the last epoch not to be the best.
    try tiny.train([
      ("training.epochs", "12"), ("training.schedule", "constant"), ("training.optimizer.learning_rate", "0.3"),
    ])
    let metrics = try metrics(tiny)
    let json = try JSONSerialization.jsonObject(with: Data(contents(tiny.files.metrics))) as? [String: Any]
    #expect(
      json?.keys.sorted() == [
        "best_epoch", "class_weights", "classes", "definitions", "epochs", "features", "mean_weight", "steps", "test",
        "training", "validation",
      ])
    #expect(metrics.classes == TinyRun.processes && metrics.features == TinyRun.features && metrics.epochs == 12)
    let history = try HistoryFile.read(tiny.files.history)
    let best = try #require(history.min { $0.validation?[.loss] ?? 0 < $1.validation?[.loss] ?? 0 })
    try #require(best.epoch < 12)
    #expect(try metrics.best_epoch == best.epoch && metrics.steps == CostsFile.read(tiny.files.costs).count)
    #expect(metrics.validation?.loss == best.validation?["loss"])
    #expect(metrics.validation?.accuracy == best.validation?["accuracy"])
    let parts = [metrics.training, metrics.validation, metrics.test].compactMap { $0 }
    #expect(parts.reduce(0) { $0 + $1.events } == tiny.rows.count)
    for part in parts { #expect(part.confusion.joined().reduce(0, +) == part.events) }

    let model = try ModelFile(tiny.runFolder)
    #expect(model.path == tiny.files.model && model.checkpoint.position == TrainingPosition(epoch: best.epoch))
    #expect(model.checkpoint.optimizer.isEmpty)
    let run = try model.runFile()
    let store = try run.loader(for: .sameSplit(model.checkpoint.model)).load(.solo()).store
    let network = try model.checkpoint.network(run)
    var evaluator = Evaluator(layout: network.layout, threads: 1)
    let test = try #require(try evaluator.evaluate(network, store, store.test, .solo()))
    #expect(test.metrics["loss"] == metrics.test?.loss && test.confusion == metrics.test?.confusion)
  }

  @Test func splitsThatAreEmptyHaveNoMetrics() throws {
    let tiny = try TinyRun()
    try tiny.train([("split", "{train: 1, validation: 0, test: 0}")])
    let metrics = try metrics(tiny)
    #expect(metrics.training?.events == tiny.rows.count && metrics.validation == nil && metrics.test == nil)
    // Then the last epoch is the best.
    #expect(metrics.best_epoch == 3)
    #expect(try HistoryFile.read(tiny.files.history).allSatisfy { $0.validation == nil })
    #expect(try newestCheckpoint(tiny).best == nil)
  }

  @Test func withoutEpochsOnlyTheStartIsWritten() throws {
    let tiny = try TinyRun()
    try tiny.train([("training.epochs", "0")])
    #expect(try tiny.files.checkpoints().map(\.epoch) == [0])
    #expect(!FileSystem.exists(tiny.files.metrics))
    #expect(try CostsFile.read(tiny.files.costs).isEmpty && HistoryFile.read(tiny.files.history).isEmpty)
  }

  @Test func checkpointsAreWrittenAndKeptAsAsked() throws {
    let tiny = try TinyRun()
    try tiny.train([
      ("training.epochs", "7"), ("output", "{directory: \(tiny.folder("runs")), checkpoint_every: 2, keep: 2}"),
    ])
    #expect(try tiny.files.checkpoints().map(\.epoch) == [7, 6])
    #expect(try HistoryFile.read(tiny.files.history).count == 7)
  }

  @Test func stopsEarlyWhereNothingBecomesBetter() throws {
    let tiny = try TinyRun()
    // A rate that moves no parameter: no epoch is better than the first.
    try tiny.train([
      ("training.epochs", "20"), ("training.early_stopping", "{patience: 2}"),
      ("training.optimizer.learning_rate", "1e-30"),
    ])
    #expect(try HistoryFile.read(tiny.files.history).map(\.epoch) == [1, 2, 3])
    let metrics = try metrics(tiny)
    #expect(metrics.epochs == 3 && metrics.best_epoch == 1)
    #expect(try newestCheckpoint(tiny).best?.epoch == 1)
    let log = String(decoding: try contents(tiny.files.log), as: UTF8.self)
    #expect(log.contains("Stopped early: no smaller validation loss than that of epoch 1\n"))
  }

  @Test func divergenceIsReportedAndKeepsTheLastCheckpoint() throws {
    let tiny = try TinyRun()
    let failure = try #require(throws: AgreedFailure.self) {
      try tiny.train([("training.optimizer.learning_rate", "1e30"), ("training.warmup_epochs", "0")])
    }
    #expect(failure.exitCode == .diverged && failure.description.hasPrefix("epoch 1, step 2 of "))
    #expect(try tiny.files.checkpoints().map { [$0.epoch, $0.step] } == [[0, 0]])
    // The costs before it are there to be looked at.
    #expect(try CostsFile.read(tiny.files.costs).count == 1)
    let status = try #require(RunStatus.decoded(contents(tiny.files.status)))
    #expect(status.state == .failed && status.message == failure.description)
    #expect(!FileSystem.exists(tiny.files.metrics))
  }

  // MARK: A run that goes on

  /// Paths are in checkpoints, with the run file; all else is the same bits.
  @Test(arguments: [1, 32])
  func aResumedRunHasTheBitsOfAnUndisturbedOne(batch: Int) throws {
    let (whole, halves) = (try TinyRun(), try TinyRun())
    let batchSize = (key: "training.batch_size", value: "\(batch)")
    try whole.train([batchSize, ("training.epochs", "4")])
    try halves.train([batchSize, ("training.epochs", "2")])
    try Run.train(halves.resumption([("training.epochs", "4")]), .solo())

    var (expected, found) = (try newestCheckpoint(whole), try newestCheckpoint(halves))
    #expect(found.model == expected.model && found.optimizer == expected.optimizer)
    #expect(found.gridExponents == expected.gridExponents)
    (expected.runFile, found.runFile) = ("", "")
    #expect(found == expected && found.position.epoch == 4)
    #expect(try CostsFile.read(halves.files.costs) == CostsFile.read(whole.files.costs))
    #expect(try contents(halves.files.metrics) == contents(whole.files.metrics))
    let models = try [whole, halves].map { try ModelFile($0.runFolder).checkpoint }
    #expect(models[0].model == models[1].model && models[0].position == models[1].position)
    let histories = try [whole, halves].map { tiny in
      try HistoryFile.read(tiny.files.history).map { record in
        var record = record
        record.seconds = 0
        return record
      }
    }
    #expect(histories[0] == histories[1] && histories[0].count == 4)
    // The log is that of both lives.
    let log = String(decoding: try contents(halves.files.log), as: UTF8.self)
    #expect(log.contains("Resumed after epoch 2 of 4") && log.components(separatedBy: "Best model: epoch").count == 3)
  }

  /// What was killed after an epoch's checkpoint has more in its files than the checkpoint before.
  @Test func aRunGoesOnFromTheCheckpointBefore() throws {
    let (whole, killed) = (try TinyRun(), try TinyRun())
    try whole.train()
    try killed.train()
    try killed.remove(killed.files.metrics)
    try put([1, 2, 3], killed.files.checkpoint(epoch: 3).path)
    try Run.train(killed.continuation(), .solo())
    var (expected, found) = (try newestCheckpoint(whole), try newestCheckpoint(killed))
    (expected.runFile, found.runFile) = ("", "")
    #expect(found == expected)
    #expect(try CostsFile.read(killed.files.costs) == CostsFile.read(whole.files.costs))
    #expect(try HistoryFile.read(killed.files.history).count == 3)
    #expect(try contents(killed.files.metrics) == contents(whole.files.metrics))
    // The damaged one is set aside.
    #expect(try names(in: "\(killed.runFolder)/checkpoints").contains("epoch-0003.safetensors.aside"))
  }

  /// As after a signal: the checkpoint of an epoch's middle, made here step by step, as nothing in a test may ask the whole
  /// process to stop.
  @Test func aRunGoesOnInTheMiddleOfAnEpoch() throws {
    let tiny = try TinyRun()
    try tiny.train()
    let before = try tiny.everything()
    let run = try tiny.runFile()
    let store = try run.loader(for: .training).load(.solo()).store
    var trainer = try Trainer(run.trainerOptions, events: store, threads: 1, .solo())
    var position = TrainingPosition()
    for epoch in 0..<2 {
      position = TrainingPosition(epoch: epoch)
      _ = try trainer.trainEpoch(&position, .solo()) { _, _ in }
    }
    position = TrainingPosition(epoch: 2, step: 2)
    let order = trainer.order(ofEpoch: 3)
    for step in 0..<2 { _ = try trainer.takeStep(step, epoch: 3, order: order, .solo(), addingTo: &position.sums) }

    let whole = tiny.files.checkpoint(epoch: 2).path
    var checkpoint = try Checkpoint(decoding: contents(whole), path: whole)
    let (state, layout) = (trainer.state, trainer.network.layout)
    checkpoint.position = position
    (checkpoint.step, checkpoint.costs) = (checkpoint.step + 2, checkpoint.costs + 2)
    checkpoint.model.layers = Model.Layer.layers(of: state.parameters, layout)
    checkpoint.optimizer[0].layers = Model.Layer.layers(of: state.optimizer[0].values, layout)
    checkpoint.gridExponents = state.gridExponents
    try put(checkpoint.encoded(), tiny.files.checkpoint(epoch: 2, step: 2).path)
    for path in [tiny.files.checkpoint(epoch: 3).path, tiny.files.metrics] { try tiny.remove(path) }
    try Run.train(tiny.continuation(), .solo())

    let after = try tiny.everything()
    for name in ["epoch-0003.safetensors", "model.safetensors", "costs.npy", "metrics.json", "config.yaml"] {
      #expect(after[name] == before[name], "\(name)")
    }
    #expect(try HistoryFile.read(tiny.files.history).map(\.epoch) == [1, 2, 3])
    let log = String(decoding: try contents(tiny.files.log), as: UTF8.self)
    #expect(log.contains("Resumed after epoch 2 and 2 steps of 3, from "))
  }

  /// The checkpoint that a run continues from needs the best model of that time, under its own name.
  @Test func theBestModelIsBroughtBack() throws {
    let tiny = try TinyRun()
    try tiny.train()
    let model = try contents(tiny.files.model)
    let best = tiny.files.best(epoch: try Checkpoint(decoding: model, path: "model").position.epoch)
    let metrics = try contents(tiny.files.metrics)
    for path in [best, tiny.files.metrics] { try tiny.remove(path) }
    try Run.train(tiny.continuation(), .solo())
    #expect(try contents(best) == model && contents(tiny.files.model) == model)
    #expect(try contents(tiny.files.metrics) == metrics)
  }

  @Test func aFinishedRunIsNotTouched() throws {
    let tiny = try TinyRun()
    try tiny.train()
    let before = try tiny.everything()
    for request in [tiny.continuation(), tiny.request()] {
      try Run.train(request, .solo())
      #expect(try tiny.everything() == before)
    }
  }

  @Test func aFinishedRunStartsAgainWithTheSameBits() throws {
    let tiny = try TinyRun()
    try tiny.train()
    let before = try tiny.everything()
    var again = tiny.request()
    again.force = true
    try Run.train(again, .solo())
    #expect(try contents(tiny.files.owner) != before["owner.txt"])
    let after = try tiny.everything()
    for (name, bytes) in before where name.hasSuffix(".safetensors") || ["costs.npy", "metrics.json"].contains(name) {
      #expect(after[name] == bytes, "\(name)")
    }
    #expect(after.keys.sorted() == before.keys.sorted())
  }

  /// Everything that a checkpoint must share with the training that continues from it.
  enum Change: String, CaseIterable {
    case processes = "classes 'signal, other, top'"
    case eventWeights = "other weights of events"
    case features = "features 'x, y, q'"
    case block = "blocks of 8 events"
    case optimizer = "another optimiser"
    case steps = "another number of steps in an epoch"
    case classWeights = "other class weights"
    case meanWeight = "a mean class weight of 1.25"

    func callAsFunction(_ checkpoint: inout Checkpoint) {
      switch self {
      case .processes: checkpoint.model.classNames = ["signal", "other", "top"]
      case .eventWeights:
        checkpoint.model.eventWeights = FormerWeights(
          factors: ClassFactors(classes: [1, 1, 1], processes: []), unit: nil, mean: 1, monitorMean: 1)
      case .features: checkpoint.model.featureNames[2] = "q"
      case .block: checkpoint.block = 8
      case .optimizer: checkpoint.optimizer[0].name = "first_moment"
      case .steps: checkpoint.step += 1
      case .classWeights: checkpoint.model.classWeights[1] = 0.5
      case .meanWeight: checkpoint.model.meanWeight = 1.25
      }
    }
  }

  @Test(arguments: Change.allCases)
  func aCheckpointOfAnotherTrainingIsRefused(_ change: Change) throws {
    let tiny = try TinyRun()
    try tiny.train([("training.epochs", "1")])
    var checkpoint = try newestCheckpoint(tiny)
    change(&checkpoint)
    try put(checkpoint.encoded(), tiny.files.checkpoint(epoch: 1).path)
    let failure = try #require(throws: AgreedFailure.self) {
      try Run.train(tiny.resumption([("training.epochs", "2")]), .solo())
    }
    #expect(failure.exitCode == .badData)
    #expect(
      failure.description
        == "the checkpoint was written with \(change.rawValue); resume with the same data files and run file")
  }

  @Test func otherEventsAreRefused() throws {
    let tiny = try TinyRun()
    try tiny.train([("training.epochs", "1")])
    var rows = Array(tiny.rows[90..<150])
    rows[7][1] = rows[7][1].nextUp
    try tiny.folder.write("top.txt", TinyRun.text(rows))
    let before = try tiny.everything()
    let failure = try #require(throws: AgreedFailure.self) {
      try Run.train(tiny.resumption([("training.epochs", "2")]), .solo())
    }
    #expect(failure.exitCode == .badData)
    #expect(failure.description.hasPrefix("the checkpoint was written with other events; "))
    #expect(try tiny.everything() == before)
  }
}
