import Events
import Formats
import MPI
import NeuralNetwork
import RunFiles
import Runs
import Testing
import TestSupport
import Training

/// Runs with all that an optimiser and a schedule can keep.
@Suite struct OptimizerRunTests {
  private static let everything: [TinyRun.Override] = [
    (
      "training.optimizer",
      "{name: adamw, learning_rate: 0.01, weight_decay: 0.1, global_clipnorm: 0.2, ema: 0.9, decay_biases: false}"
    ),
    ("training.l2", "0.01"), ("training.schedule", "{plateau: {patience: 1, factor: 0.5, min_delta: 1}}"),
  ]

  private func newestCheckpoint(_ tiny: TinyRun) throws -> Checkpoint {
    let file = try #require(try tiny.files.checkpoints().first)
    return try Checkpoint(decoding: contents(file.path), path: file.path)
  }

  /// Every file of a run but what tells of times and places.
  private func results(_ tiny: TinyRun) throws -> [[UInt8]] {
    try ["costs.npy", "metrics.json"].map { try contents("\(tiny.runFolder)/\($0)") }
  }

  @Test func aRunGoesOnWithTheSameBits() throws {
    let (whole, halves) = (try TinyRun(), try TinyRun())
    try whole.train(Self.everything + [("training.epochs", "5")])
    try halves.train(Self.everything + [("training.epochs", "2")])
    try Run.train(halves.resumption([("training.epochs", "5")]), .solo())
    #expect(try results(halves) == results(whole))
    let ends = try [whole, halves].map { try newestCheckpoint($0) }
    #expect(ends[0].model == ends[1].model && ends[0].optimizer == ends[1].optimizer)
    #expect(ends[0].plateau == ends[1].plateau && ends[0].best == ends[1].best)
    #expect(ends[0].optimizer.map(\.name) == ["momentum", "velocity", "average"])
    // From the second epoch on, as no loss is smaller by 1.
    #expect(ends[0].plateau?.learningRate == 0.01 / 16)
    let rates = try [whole, halves].map { try HistoryFile.read($0.files.history).map(\.learningRate) }
    #expect(rates[0] == [0.01, 0.01, 0.005, 0.0025, 0.00125] && rates[1] == rates[0])
    let log = String(decoding: try contents(whole.files.log), as: UTF8.self)
    #expect(
      log.contains(
        "After epoch 2 the learning rate falls to 0.005: no validation loss that is smaller by 1.0 for 1 epoch"))
    #expect(
      log.contains("Optimiser: adamw (learning_rate 0.01, beta_1 0.9, beta_2 0.999, epsilon 1e-07, weight_decay 0.1, "))
  }

  /// Model and best epoch are the running mean's; a checkpoint in use is too, and keeps both.
  @Test func theModelThatIsKeptIsTheRunningMean() throws {
    let tiny = try TinyRun()
    try tiny.train(Self.everything)
    let checkpoint = try newestCheckpoint(tiny)
    #expect(checkpoint.layersForUse == checkpoint.optimizer[2].layers)
    #expect(checkpoint.model.layers != checkpoint.layersForUse)
    let best = try #require(checkpoint.best)
    let file = tiny.files.checkpoint(epoch: best.epoch).path
    let model = try ModelFile(tiny.runFolder).checkpoint
    #expect(try model == Checkpoint(decoding: contents(file), path: file).forUse)
    #expect(model.optimizer.isEmpty && model.plateau == nil)
    let networks = try [ModelFile(tiny.runFolder), ModelFile(file)].map { file in
      try file.checkpoint.network(file.runFile()).parameters.array
    }
    #expect(networks[0] == networks[1])
    let trainer = try Trainer(
      tiny.runFile(Self.everything).trainerOptions,
      events: tiny.runFile().loader(for: .training).load(.solo()).store, threads: 1, .solo())
    #expect(networks[0] == Model.Layer.values(model.model.layers, trainer.network.layout))
  }

  /// Before the first step the model is what the training starts from.
  @Test func aRunWithoutEpochsKeepsItsStart() throws {
    let tiny = try TinyRun()
    try tiny.train(Self.everything + [("training.epochs", "0")])
    let start = try newestCheckpoint(tiny)
    #expect(start.layersForUse == start.model.layers)
    #expect(try ModelFile(tiny.runFolder).checkpoint.model.layers == start.model.layers)
  }

  /// Checkpoints as the version before wrote them.
  @Test func olderCheckpointsGoOnWithTheSameBits() throws {
    let (whole, halves) = (try TinyRun(), try TinyRun())
    try whole.train()
    try halves.train([("training.epochs", "2")])
    for name in try names(in: "\(halves.runFolder)/checkpoints").map({ "checkpoints/\($0)" }) + ["model.safetensors"] {
      let path = "\(halves.runFolder)/\(name)"
      var file = try Safetensors(decoding: contents(path), path: path)
      #expect(file.metadata["format"] == "dist-train 4" && file.metadata["plateau"] == nil)
      file.metadata["format"] = "dist-train 3"
      // Keys that it did not know.
      let new = ["global_clipnorm", "ema", "decay_biases", "l2"]
      let lines = file.metadata["run_file"]?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
      file.metadata["run_file"] =
        lines.filter { line in !new.contains { line.contains("\($0):") } }.joined(separator: "\n")
      try put(file.encoded(), path)
    }
    try Run.train(halves.resumption([("training.epochs", "3")]), .solo())
    #expect(try results(halves) == results(whole))
  }
}
