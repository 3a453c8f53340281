import Events
import KernelOperands
import MPI
import NeuralNetwork
import RunFiles
import Runs
import Testing
import TestSupport
import Training

@Suite struct RunFileOptionsTests {
  // MARK: What trains

  @Test func theTrainerHasWhatTheRunFileSays() throws {
    let run = try TinyRun().runFile([
      (
        "training",
        """
        {optimizer: {learning_rate: 0.25, momentum: 0.5, nesterov: true, weight_decay: 0.125}, warmup_epochs: 1.5,
        schedule: {cosine: {final: 0.01}}, batch_size: 100, block: 24, epochs: 9, shuffle: false, seed: 18446744073709551615,
        reduction: float32}
        """
      ),
      ("network", "{hidden: [4, 6], activation: [sigmoid, tanh], initializer: {random_uniform: [-0.5, 1]}}"),
      ("safety.replica_check", "17"),
    ])
    let options = run.trainerOptions
    #expect(options.optimizer == run.training.optimizer && options.optimizer.learningRate == 0.25)
    #expect(options.schedule == .cosine(final: 0.01) && options.warmupEpochs == 1.5 && options.epochs == 9)
    #expect(options.batchSize == 100 && options.block == 24 && !options.shuffle && options.seed == .max)
    #expect(options.reduction == .float32 && options.replicaCheck == 17)
    #expect(options.initializer == .randomUniform(low: -0.5, high: 1))
    #expect(options.network == run.networkSpecification)
    #expect(
      options.network
        == NetworkSpecification(
          inputs: 3, hidden: [.init(units: 4, activation: .sigmoid), .init(units: 6, activation: .tanh)], classes: 3))
  }

  @Test func aNetworkWithoutHiddenLayersIsLinear() throws {
    let run = try TinyRun().runFile([("network", "{hidden: []}")])
    #expect(run.networkSpecification.sizes == [3, 3])
  }

  /// The rule of this version is written out; what the user says stays.
  @Test(arguments: [(1, 16), (32, 16), (1024, 64), (100_000, 64)])
  func theBlockIsWrittenOut(batch: Int, block: Int) throws {
    let tiny = try TinyRun()
    let size = (key: "training.batch_size", value: "\(batch)")
    var run = try tiny.runFile([size])
    #expect(run.training.block == nil && run.trainerOptions.block == block)
    run.training.block = block
    #expect(try RunStart(tiny.request([size])).run == run)
    let given = try tiny.runFile([size, ("training.block", "7")])
    #expect(given.trainerOptions.block == 7)
    #expect(try RunStart(tiny.request([size, ("training.block", "7")])).run == given)
  }

  // MARK: What is loaded

  /// A model with a scaling and weights that no measurement gives.
  private let model = Model(
    classNames: TinyRun.processes, featureNames: TinyRun.features, classWeights: [3, 5, 7], meanWeight: 4.4,
    standardization: Standardization(mean: [1, 2, 3], scale: [0.5, 2, 4]), layers: [])

  private func store(
    _ tiny: TinyRun, _ overrides: [TinyRun.Override] = [], for purpose: RunFile.EventPurpose = .training
  ) throws -> EventStore {
    try tiny.runFile(overrides).loader(for: purpose).load(.solo()).store
  }

  /// Every event of a store in the units of the files, to a millionth, with its class: sorted.
  private func values(_ store: EventStore, _ rows: Range<Int>) -> [[Double]] {
    let scaling = store.standardization
    return rows.map { row in
      [Double(store.label(ofRow: row))]
        + (0..<3).map { column in
          let value = Double(store.feature(column, ofRow: row)) / Double(scaling.scale[column])
          return ((value + Double(scaling.mean[column])) * 1e5).rounded()
        }
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  @Test func trainingMeasuresScalingAndWeights() throws {
    let tiny = try TinyRun()
    var files: [EventFile] = []
    let store = try tiny.runFile().loader(for: .training).load(.solo()) { files = $0 }.store
    #expect(store.classNames == TinyRun.processes && store.featureNames == TinyRun.features)
    #expect(files.map(\.path) == TinyRun.processes.map { tiny.folder("\($0).txt") })
    #expect(files.map(\.events) == [90, 60, 50] && store.counts.map(\.total) == [90, 60, 50])
    let counts = [store.training.count, store.validation.count, store.test.count]
    #expect(counts.reduce(0, +) == 200 && counts[0] > 2 * counts[1] && counts[1] > 10 && counts[2] > 10)
    for column in 0..<3 {
      let values = store.training.map { Double(store.feature(column, ofRow: $0)) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(mean) < 1e-6 && abs(variance - 1) < 1e-5)
    }
    // Balanced: every class weighs the same.
    let weights = store.counts.map { Float(Double(counts[0]) / (3 * Double($0.training))) }
    #expect(store.classWeights == weights)
    // Their mean is 1, but for the rounding of each to float32.
    #expect(abs(store.meanWeight - 1) <= 0x1p-24 && store.meanWeight == store.header.meanWeight)
  }

  @Test func featuresAndWeightsAreAsAsked() throws {
    let store = try store(
      TinyRun(), [("data.standardize", "false"), ("training.class_weights", "[1, 0.5, 4]")])
    #expect(store.standardization.isIdentity && store.classWeights == [1, 0.5, 4])
    let counts = store.counts.map { Double($0.training) }
    let sum = counts[0] + 0.5 * counts[1] + 4 * counts[2]
    #expect(store.meanWeight == sum / counts.reduce(0, +))
  }

  @Test func everyEventIsForTraining() throws {
    let tiny = try TinyRun()
    let store = try store(tiny, TinyRun.asWritten)
    #expect(store.training == 0..<200 && store.validation.isEmpty && store.test.isEmpty)
    for row in store.training {
      #expect(
        (0..<3).map { store.feature($0, ofRow: row) } == tiny.rows[row] && store.label(ofRow: row) == tiny.labels[row])
    }
  }

  @Test func aShareOfZeroIsEmpty() throws {
    let tiny = try TinyRun()
    let noTest = try store(tiny, [("split", "{train: 0.7, validation: 0.3, test: 0}")])
    #expect(noTest.test.isEmpty && !noTest.validation.isEmpty)
    let noValidation = try store(tiny, [("split", "{train: 0.7, validation: 0, test: 0.3}")])
    #expect(noValidation.validation.isEmpty && !noValidation.test.isEmpty)
  }

  @Test func theSameSplitHasTheModelsScaling() throws {
    let tiny = try TinyRun()
    let (training, same) = (try store(tiny), try store(tiny, for: .sameSplit(model)))
    #expect(same.standardization == model.standardization && same.classWeights == [3, 5, 7])
    #expect(same.meanWeight == 4.4)
    #expect(same.counts == training.counts)
    for (mine, other) in zip(
      [same.training, same.validation, same.test], [training.training, training.validation, training.test])
    {
      #expect(mine == other && mine.allSatisfy { same.label(ofRow: $0) == training.label(ofRow: $0) })
      let (found, expected) = (values(same, mine), values(training, other))
      #expect(zip(found.joined(), expected.joined()).allSatisfy { abs($0 - $1) <= 1 } && found.count == expected.count)
    }
  }

  /// Of an older version's model: the training events are counted again, or balanced classes have the mean 1.
  @Test func anUnknownMeanWeightIsFoundWhereItCanBe() throws {
    let tiny = try TinyRun()
    var old = model
    old.meanWeight = nil
    let same = try store(tiny, for: .sameSplit(old))
    let counts = same.counts.map { Double($0.training) }
    #expect(same.meanWeight == (3 * counts[0] + 5 * counts[1] + 7 * counts[2]) / counts.reduce(0, +))
    let balanced = try tiny.runFile([("training.class_weights", "balanced")])
    let listed = try tiny.runFile([("training.class_weights", "[3, 5, 7]")])
    #expect(balanced.meanWeight(of: old) == 1 && listed.meanWeight(of: old) == nil)
    #expect(balanced.meanWeight(of: model) == 4.4 && listed.meanWeight(of: model) == 4.4)
  }

  @Test func allEventsTestAModel() throws {
    let tiny = try TinyRun()
    let store = try store(tiny, for: .test(model))
    #expect(store.test == 0..<200 && store.training.isEmpty && store.validation.isEmpty)
    #expect(store.standardization == model.standardization && store.classWeights == [3, 5, 7])
    #expect(store.meanWeight == 4.4)
    for row in store.test {
      let expected = zip(tiny.rows[row], zip([1, 2, 3], [0.5, 2, 4])).map { ($0 - $1.0) * $1.1 } as [Float]
      #expect((0..<3).map { store.feature($0, ofRow: row) } == expected)
    }
  }
}
