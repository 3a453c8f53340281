import Events
import MPI
import NeuralNetwork
import Results
import Testing
import TestSupport
import Training

/// Trainings with all that an optimiser and a schedule can keep from step to step.
@Suite struct OptimizerTrainingTests {
  private typealias Override = (key: String, value: String)

  private static let everything: [Override] = [
    (
      "training.optimizer",
      "{name: adamw, learning_rate: 0.01, weight_decay: 0.1, global_clipnorm: 0.2, ema: 0.9, decay_biases: false}"
    ),
    ("training.l2", "0.01"), ("training.schedule", "{plateau: {patience: 1, factor: 0.5, min_delta: 1}}"),
    ("training.batch_size", "16"),
  ]

  /// One epoch more of a training that evaluates and adjusts its learning rate after each; returns the costs of its steps.
  private func train(
    _ trainer: inout Trainer, from position: inout TrainingPosition, steps: Int = .max
  ) throws -> [Double] {
    var costs: [Double] = []
    if steps == .max {
      _ = try trainer.trainEpoch(&position, .solo()) { _, cost in costs.append(cost) }
      let validation = try #require(try trainer.evaluate(trainer.events.validation, .solo()))
      _ = trainer.adjustLearningRate(value: validation.metrics[.loss], prefersSmaller: true)
      position = TrainingPosition(epoch: position.epoch + 1)
    } else {
      let order = trainer.order(ofEpoch: position.epoch + 1)
      for _ in 0..<steps {
        let end = try trainer.takeStep(
          position.step, epoch: position.epoch + 1, order: order, .solo(), addingTo: &position.sums)
        costs.append(end.cost)
        position.step += 1
      }
    }
    return costs
  }

  /// Stopped in the middle of an epoch or at its end, and taken up by another trainer: the same bits.
  @Test(arguments: [(1, 0), (1, 3), (2, 1), (0, 5)], [1, 2])
  func aTrainingGoesOnFromItsState(_ stop: (epochs: Int, steps: Int), threads: Int) throws {
    let tiny = try TinyRun()
    var whole = try tiny.trainer(Self.everything)
    var position = TrainingPosition()
    var costs: [Double] = []
    while position.epoch < 4 { costs += try train(&whole, from: &position) }

    var first = try tiny.trainer(Self.everything)
    position = TrainingPosition()
    var halves: [Double] = []
    while position.epoch < stop.epochs { halves += try train(&first, from: &position) }
    halves += try train(&first, from: &position, steps: stop.steps)
    var second = try tiny.trainer(Self.everything, threads: threads)
    second.state = first.state
    #expect(second.stateDigest == first.stateDigest && second.state == first.state)
    while position.epoch < 4 { halves += try train(&second, from: &position) }
    #expect(halves == costs && second.state == whole.state && second.stateDigest == whole.stateDigest)
    #expect(whole.optimizerStateNames == ["momentum", "velocity", "average"])
    // No epoch but the first is better by 1.
    #expect(whole.state.plateau?.learningRate == 0.01 / 8 && whole.learningRate(atEndOf: 5) == 0.01 / 8)
  }

  /// What is evaluated is the running mean; what is trained is not.
  @Test func theModelIsTheRunningMean() throws {
    let tiny = try TinyRun()
    let optimizer = "{name: adam, learning_rate: 0.02"
    var averaging = try tiny.trainer([("training.optimizer", optimizer + ", ema: 0.95}")])
    var plain = try tiny.trainer([("training.optimizer", optimizer + "}")])
    let start = averaging.state
    #expect(start.optimizer[2].values == start.parameters)
    #expect(try averaging.train(toEpoch: 2).costs == plain.train(toEpoch: 2).costs)
    #expect(averaging.state.parameters == plain.state.parameters)
    let average = averaging.state.optimizer[2].values
    #expect(average != averaging.state.parameters)
    let before = averaging.state
    let evaluation = try averaging.evaluate(averaging.events.validation, .solo())
    #expect(averaging.state == before && averaging.stateDigest.count == 64)
    let ofParameters = try plain.evaluate(plain.events.validation, .solo())
    plain.parameters = average
    let ofAverage = try plain.evaluate(plain.events.validation, .solo())
    #expect(evaluation?.metrics == ofAverage?.metrics && evaluation?.metrics != ofParameters?.metrics)
    // A model that is brought back is both.
    averaging.use(start.parameters)
    #expect(averaging.parameters == start.parameters && averaging.state.optimizer[2].values == start.parameters)
  }

  @Test func whatAnOptimiserKeepsMustBeFinite() throws {
    let trainer = try TinyRun().trainer(Self.everything)
    let (isFinite, digest) = (trainer.isFinite, trainer.stateDigest)
    #expect(isFinite)
    for index in 0..<3 {
      var broken = try TinyRun().trainer(Self.everything)
      var state = broken.state
      state.optimizer[index].values[0] = .infinity
      broken.state = state
      let (isStillFinite, other) = (broken.isFinite, broken.stateDigest)
      #expect(!isStillFinite && other != digest)
    }
  }

  @Test func ranksCompareTheirPlateaus() throws {
    var trainer = try TinyRun().trainer(Self.everything)
    let digest = trainer.stateDigest
    for change in [
      Plateau.State(learningRate: 0.02), .init(learningRate: 0.01, best: 1), .init(learningRate: 0.01, wait: 1),
      .init(learningRate: 0.01, rest: 1),
    ] {
      var state = trainer.state
      state.plateau = change
      trainer.state = state
      let other = trainer.stateDigest
      #expect(other != digest)
    }
  }
}
