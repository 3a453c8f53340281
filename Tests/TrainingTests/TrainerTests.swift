import Events
import Foundation
import KernelOperands
import Machine
import MPI
import NeuralNetwork
import Results
import RunFiles
import Testing
import TestSupport
import Training

extension Trainer {
  /// How training ends that does not come to the end of an epoch.
  fileprivate mutating func failure() throws -> AgreedFailure? {
    do {
      _ = try train(toEpoch: 1)
      return nil
    } catch let failure as AgreedFailure { return failure }
  }
}

@Suite struct TrainerTests {
  private typealias Override = (key: String, value: String)

  // MARK: The step

  /// One step by the textbook: gradients in double with bounds on what float32 may make of them, then the formulas of Keras.
  @Test(arguments: [
    // One block, many blocks, a single event, a part of the events; then what the optimiser can do.
    (batch: 60, block: 64, momentum: 0.0, nesterov: false, decay: 0.0),
    (batch: 60, block: 8, momentum: 0.0, nesterov: false, decay: 0.0),
    (batch: 1, block: 8, momentum: 0.9, nesterov: true, decay: 0.5),
    (batch: 35, block: 64, momentum: 0.0, nesterov: false, decay: 0.0),
    (batch: 20, block: 8, momentum: 0.0, nesterov: false, decay: 0.0),
    (batch: 60, block: 64, momentum: 0.9, nesterov: false, decay: 0.0),
    (batch: 60, block: 16, momentum: 0.9, nesterov: true, decay: 0.5),
  ])
  func aStepIsThatOfTheTextbook(
    _ step: (batch: Int, block: Int, momentum: Double, nesterov: Bool, decay: Double)
  ) throws {
    let tiny = try TinyRun(events: [30, 20, 10])
    let options: [Override] = [
      ("training.schedule", "constant"), ("training.warmup_epochs", "0"), ("training.class_weights", "[1, 2.5, 0.5]"),
      ("training.batch_size", "\(step.batch)"), ("training.block", "\(step.block)"),
      (
        "training.optimizer",
        "{learning_rate: 0.05, momentum: \(step.momentum), nesterov: \(step.nesterov), weight_decay: \(step.decay)}"
      ),
    ]
    var trainer = try tiny.trainer(TinyRun.asWritten + options)
    let layout = trainer.network.layout
    let before = Model.Layer.layers(of: trainer.state.parameters, layout)
    let events = 0..<step.batch
    let weights = events.map { [1, 2.5, 0.5][tiny.labels[$0]] as Float }
    let textbook = TextbookNetwork(layers: before, activations: [.tanh, .relu])
    let gradients = try textbook.gradients(
      Array(tiny.rows[events]), labels: Array(tiny.labels[events]), weights: weights)

    var sums = Statistics()
    let end = try trainer.takeStep(0, epoch: 1, order: trainer.order(ofEpoch: 1), .solo(), addingTo: &sums)

    // The mean weight is that of all training events, whatever the batch has.
    let meanWeight = 85.0 / 60  // 30 · 1 + 20 · 2.5 + 10 · 0.5
    #expect(trainer.events.meanWeight == meanWeight)
    let divisor = Double(step.batch) * meanWeight
    let loss = try events.reduce(0) { sum, event in
      sum - Double(weights[event]) * log(try textbook.probabilities(tiny.rows[event])[tiny.labels[event]].value)
    }
    #expect(sums.events == step.batch && end.cost == sums.loss / Double(step.batch))
    #expect(abs(end.cost - loss / divisor) < 1e-5 * loss / divisor)

    let after = Model.Layer.layers(of: trainer.state.parameters, layout)
    let velocity = Model.Layer.layers(of: trainer.state.optimizer[0].values, layout)
    let rate = Bounded(value: 0.05, error: 0.05 * Bounded.rounding)
    let remaining = Bounded(value: 1 - 0.05 * step.decay, error: Bounded.rounding)
    let momentum = Bounded(value: step.momentum, error: Bounded.rounding)
    let blocks = (step.batch + step.block - 1) / step.block
    var (moved, allowed) = (0.0, 0.0)
    func check(_ gradient: Bounded, _ old: Float, _ new: Float, _ speed: Float) {
      var sum = gradient
      // Sums of several blocks are on a grid of 2⁻²⁴ or finer, each block being off by half a unit.
      if blocks > 1 { sum.error += Double(blocks) * 0x1p-25 }
      let move = rate * (sum * Bounded(value: -1 / divisor))
      let more = step.nesterov ? [move, momentum * move] : [move]
      let expected = Bounded.sum([remaining * Bounded(value: Double(old))] + more)
      #expect(abs(Double(new) - expected.value) <= expected.error)
      #expect(abs(Double(speed) - move.value) <= move.error)
      moved += abs(expected.value - Double(old))
      allowed += expected.error
    }
    for (layer, gradient) in gradients.enumerated() {
      for index in gradient.weights.indices {
        check(
          gradient.weights[index], before[layer].weights[index], after[layer].weights[index],
          velocity[layer].weights[index])
      }
      for index in gradient.biases.indices {
        check(
          gradient.biases[index], before[layer].biases[index], after[layer].biases[index],
          velocity[layer].biases[index])
      }
    }
    #expect(allowed < 5e-4 * moved, "bounds of \(allowed) say nothing of moves of \(moved)")
  }

  // MARK: The epoch

  @Test(arguments: [1, 7, 32, 1000], [true, false])
  func anEpochShowsEveryTrainingEventOnce(batch: Int, shuffles: Bool) throws {
    // A rate that moves no parameter: then the epoch's sums are those of an evaluation. Without ReLU, as the outputs of dead units
    // are equal but for the last bits of such moves.
    let overrides: [Override] = [
      ("network.activation", "tanh"),
      ("training.batch_size", "\(batch)"), ("training.shuffle", "\(shuffles)"),
      ("training.optimizer.learning_rate", "1e-30"),
    ]
    var trainer = try TinyRun().trainer(overrides)
    let training = trainer.events.training
    #expect(training.count > 100 && !trainer.events.validation.isEmpty && !trainer.events.test.isEmpty)
    let steps = (training.count + batch - 1) / batch
    #expect(trainer.plan.stepsPerEpoch == steps)
    for epoch in [1, 2] {
      let order = trainer.order(ofEpoch: epoch)
      let rows = (0..<training.count).map(order.row(at:))
      #expect(rows.sorted() == Array(training))
      #expect((rows == Array(training)) == !shuffles)
    }

    let start = trainer.state.parameters
    var position = TrainingPosition()
    var reported: [Int] = []
    let stops = try trainer.trainEpoch(&position, .solo()) { position, _ in reported.append(position.step) }
    #expect(!stops && reported == Array(1...steps) && position.step == steps && position.epoch == 0)
    #expect(zip(trainer.state.parameters, start).allSatisfy { abs($0 - $1) < 1e-20 })
    let evaluation = try #require(try trainer.evaluate(training, .solo()))
    #expect(position.sums.events == training.count && evaluation.events == training.count)
    #expect(Double(position.sums.correct) / Double(training.count) == evaluation.metrics["accuracy"])
    let loss = try #require(evaluation.metrics["loss"])
    // Losses of an event are within some roundings of float32, whatever the block.
    #expect(abs(position.sums.loss / Double(training.count) - loss) < 1e-6 * loss)
  }

  @Test func everyEpochHasItsOrder() throws {
    let trainer = try TinyRun().trainer()
    let orders = (1...3).map { epoch in
      let order = trainer.order(ofEpoch: epoch)
      return trainer.events.training.map(order.row(at:))
    }
    #expect(orders[0] != orders[1] && orders[1] != orders[2])
  }

  @Test func trainingLearns() throws {
    var trainer = try TinyRun().trainer([("training.epochs", "10")])
    let before = try #require(try trainer.evaluate(trainer.events.training, .solo())?.metrics["loss"])
    _ = try trainer.train(toEpoch: 10)
    let after = try #require(try trainer.evaluate(trainer.events.training, .solo())?.metrics["loss"])
    #expect(after < 0.8 * before)
  }

  @Test func timesAreThoseOfTheEventsThatWereShown() throws {
    let trainer = try TinyRun().trainer()
    let events = trainer.events.training.count
    let shown = { TrainingPosition(step: 1, sums: Statistics(events: $0)) }
    let whole = trainer.rankTime(from: TrainingPosition(), to: shown(events), seconds: 2, .solo())
    #expect(whole == RankTime(events: events, compute: 2, wait: 0))
    let rest = trainer.rankTime(from: shown(32), to: shown(events), seconds: 1, .solo())
    #expect(rest == RankTime(events: events - 32, compute: 1, wait: 0))
  }

  // MARK: The same bits

  @Test(arguments: [1, 7, 32, 512, 1000])
  func threadsChangeNothing(batch: Int) throws {
    let tiny = try TinyRun(events: [400, 300, 200])
    let ends = try [1, 2, 3].map { threads in
      var trainer = try tiny.trainer(
        [("training.batch_size", "\(batch)"), ("network.hidden", "[32, 32]")], threads: threads)
      return try trainer.train(toEpoch: 1)
    }
    #expect(ends[0] == ends[1] && ends[0] == ends[2])
  }

  @Test(arguments: [1, 32])
  func aStateContinuesWithTheSameBits(batch: Int) throws {
    let tiny = try TinyRun()
    let overrides: [Override] = [("training.batch_size", "\(batch)")]
    var whole = try tiny.trainer(overrides)
    let end = try whole.train(toEpoch: 3)

    var first = try tiny.trainer(overrides)
    let firstEnd = try first.train(toEpoch: 1)
    #expect(first.state.optimizer.map(\.name) == ["velocity"] && first.optimizerStateNames == ["velocity"])
    #expect(first.state.optimizer[0].values.contains { $0 != 0 })
    var second = try tiny.trainer(overrides)
    #expect(second.stateDigest != firstEnd.digest)
    second.state = first.state
    #expect(second.stateDigest == firstEnd.digest && second.state == first.state)
    let secondEnd = try second.train(from: TrainingPosition(epoch: 1), toEpoch: 3)
    #expect(secondEnd.state == end.state && secondEnd.digest == end.digest)
    #expect(firstEnd.costs + secondEnd.costs == end.costs)
  }

  @Test func aStateContinuesInTheMiddleOfAnEpoch() throws {
    let tiny = try TinyRun()
    var whole = try tiny.trainer()
    var end = TrainingPosition()
    _ = try whole.trainEpoch(&end, .solo()) { _, _ in }

    var first = try tiny.trainer()
    var position = TrainingPosition()
    let order = first.order(ofEpoch: 1)
    for step in 0..<2 { _ = try first.takeStep(step, epoch: 1, order: order, .solo(), addingTo: &position.sums) }
    position.step = 2
    var second = try tiny.trainer()
    second.state = first.state
    _ = try second.trainEpoch(&position, .solo()) { _, _ in }
    #expect(second.state == whole.state && second.stateDigest == whole.stateDigest)
    #expect(position == end && position.sums.events == whole.events.training.count)
  }

  @Test func theDigestSeesEverythingThatStepsChange() throws {
    var trainer = try TinyRun().trainer()
    _ = try trainer.train(toEpoch: 1)
    let (state, digest) = (trainer.state, trainer.stateDigest)
    let padding = trainer.network.layout.layers[0].outputs
    try #require(padding == 8, "the first layer has no padding: value 0 is a weight")
    let changes: [(inout TrainerState) -> Void] = [
      { $0.parameters[0] = $0.parameters[0].nextUp }, { $0.optimizer[0].values[0] = $0.optimizer[0].values[0].nextUp },
      { $0.gridExponents[0] += 1 },
    ]
    for change in changes {
      var other = state
      change(&other)
      trainer.state = other
      #expect(trainer.stateDigest != digest)
    }
    trainer.state = state
    #expect(trainer.stateDigest == digest)
  }

  @Test func seedAndDataDecideTheStart() throws {
    let tiny = try TinyRun()
    #expect(try tiny.trainer().stateDigest == tiny.trainer().stateDigest)
    #expect(try tiny.trainer([("training.seed", "8")]).stateDigest != tiny.trainer().stateDigest)
  }

  // MARK: The learning rate

  @Test(arguments: [
    ("constant", 0.0), ("constant", 2.5), ("{step: {factor: 0.5, every: 2}}", 0),
    ("{step: {factor: 0.5, every: 2}}", 1.5),
    ("{cosine: {final: 0.1}}", 0), ("{cosine: {final: 0.1}}", 3),
  ])
  func theLearningRateFollowsScheduleAndWarmUp(schedule: String, warmUp: Double) throws {
    let trainer = try TinyRun().trainer([
      ("training.schedule", schedule), ("training.warmup_epochs", "\(warmUp)"), ("training.epochs", "6"),
      ("training.optimizer.learning_rate", "0.2"),
    ])
    let steps = trainer.plan.stepsPerEpoch
    for epoch in 1...6 {
      // At the last step of the epoch, counted from 0 over all of them.
      let step = epoch * steps - 1
      let factor =
        switch schedule {
        case "constant": 1.0
        case "{step: {factor: 0.5, every: 2}}": [1, 1, 0.5, 0.5, 0.25, 0.25][epoch - 1]
        default: 0.1 + 0.9 * (1 + cos(.pi * Double(step) / Double(6 * steps))) / 2
        }
      let rise = min(1, Double(step + 1) / (max(warmUp, 1e-9) * Double(steps)))
      let expected = 0.2 * factor * rise
      #expect(abs(trainer.learningRate(atEndOf: epoch) - expected) < 1e-14, "epoch \(epoch)")
    }
  }

  /// From rest and without momentum, the first velocity is the learning rate of its step times the gradient.
  @Test func everyStepHasItsLearningRate() throws {
    let overrides: [Override] = [
      ("training.optimizer", "{learning_rate: 0.5, momentum: 0}"), ("training.epochs", "6"),
      ("training.shuffle", "false"),
    ]
    func velocities(_ more: [Override], _ steps: [(step: Int, epoch: Int)]) throws -> [[Float]] {
      let tiny = try TinyRun()
      return try steps.map { place in
        var trainer = try tiny.trainer(overrides + more)
        var sums = Statistics()
        // The same events, whatever the step.
        _ = try trainer.takeStep(
          place.step, epoch: place.epoch, order: .sequential(first: -place.step * 32), .solo(), addingTo: &sums)
        return trainer.state.optimizer[0].values
      }
    }
    let halves: [Override] = [
      ("training.schedule", "{step: {factor: 0.5, every: 2}}"), ("training.warmup_epochs", "0"),
    ]
    let plain = try velocities(halves, [(0, 1), (3, 1), (0, 2), (3, 2), (0, 3), (3, 4), (0, 5)])
    for (index, factor) in ([1, 1, 1, 1, 0.5, 0.5, 0.25] as [Float]).enumerated() {
      #expect(plain[index] == plain[0].map { $0 * factor } && plain[0].contains { $0 != 0 }, "place \(index)")
    }
    // Five steps an epoch: the first eight rise linearly.
    let rising: [Override] = [("training.schedule", "constant"), ("training.warmup_epochs", "1.6")]
    let steps = try TinyRun().trainer(overrides + rising).plan.stepsPerEpoch
    try #require(steps == 5)
    let risen = try velocities(rising, [(0, 1), (1, 1), (3, 1), (2, 2), (3, 2), (0, 6)])
    for (index, factor) in ([0.125, 0.25, 0.5, 1, 1, 1] as [Float]).enumerated() {
      #expect(risen[index] == plain[0].map { $0 * factor }, "place \(index)")
    }
  }

  // MARK: Divergence and replicas

  @Test func divergenceNamesEpochAndStep() throws {
    let overrides: [Override] = [
      ("training.optimizer.learning_rate", "1e30"), ("training.schedule", "constant"), ("training.warmup_epochs", "0"),
    ]
    var trainer = try TinyRun().trainer(overrides)
    let steps = trainer.plan.stepsPerEpoch
    let end = try trainer.failure()
    let failure = try #require(end)
    #expect(failure.exitCode == .diverged)
    let text = failure.description
    #expect(text.hasPrefix("epoch 1, step 2 of \(steps): the loss or a gradient is not finite, first for event "))
    #expect(text.contains("lower training.optimizer.learning_rate (now 1e+30)") && !text.contains("\n"))
    #expect(!text.contains("data.standardize"), "it is on")
  }

  @Test(
    arguments: [
      (
        [],
        "lower training.optimizer.learning_rate (now 0.05), lower training.optimizer.momentum (now 0.9) or set "
          + "training.optimizer.global_clipnorm: 1"
      ),
      (
        [("training.optimizer.momentum", "0")],
        "lower training.optimizer.learning_rate (now 0.05) or set training.optimizer.global_clipnorm: 1"
      ),
      (
        [("training.optimizer.global_clipnorm", "10"), ("training.l2", "30")],
        "lower training.optimizer.learning_rate (now 0.05), lower training.optimizer.momentum (now 0.9) or lower "
          + "training.l2 (now 30.0)"
      ),
      (
        [
          ("training.optimizer.momentum", "0.1"), ("data.standardize", "false"),
          ("training.optimizer.global_clipnorm", "10"),
        ],
        "set data.standardize: true or lower training.optimizer.learning_rate (now 0.05)"
      ),
      (
        [
          ("training.optimizer.momentum", "0"), ("training.optimizer.global_clipnorm", "10"),
          ("training.class_weights", "[1000, 1, 1]"), ("split.train", "0.7"),
        ],
        "lower training.optimizer.learning_rate (now 0.05) or raise training.batch_size "
          + "(an event of signal weighs 20 times the mean)"
      ),
    ] as [([(key: String, value: String)], String)])
  func divergenceIsAnsweredByWhatFits(overrides: [(key: String, value: String)], advice: String) throws {
    let trainer = try TinyRun(events: [10, 100, 90]).trainer(overrides)
    let text = trainer.divergence(after: 2).description
    let start = try #require(text.firstIndex(of: ";"))
    // How many of the signal's events are for training is the split's affair.
    let found = text[start...].replacing(/weighs \d+ times/, with: "weighs 20 times")
    #expect(found == "; \(advice); the last checkpoint is kept")
  }

  /// Before the first step, no rate has done harm.
  @Test func divergenceOfTheFirstStepBlamesTheStart() throws {
    let tiny = try TinyRun()
    let large: [Override] = [
      ("network", "{hidden: [8], activation: relu, initializer: {random_uniform: [-1e30, 1e30]}}")
    ]
    for (more, isOn) in [([], true), ([("data.standardize", "false")], false)] as [([Override], Bool)] {
      var trainer = try tiny.trainer(large + more)
      let end = try trainer.failure()
      let text = try #require(end).description
      #expect(text.contains("start from smaller weights (network.initializer); ") && text.contains("step 1 of "))
      #expect(text.contains("data.standardize") != isOn && !text.contains("learning_rate"), "\(text)")
    }
  }

  /// The events are those of the files, and counted from 1.
  @Test(arguments: [(batch: 64, step: 1), (batch: 10, step: 4), (batch: 1, step: 36)])
  func divergenceNamesTheEvent(batch: Int, step: Int) throws {
    let tiny = try TinyRun(events: [30, 20, 10])
    // Number 36 of all: its sums are beyond float32.
    var top = Array(tiny.rows[30..<50])
    top[5] = [3e38, 3e38, -3e38]
    top[7] = [3e38, 3e38, -3e38]
    try tiny.folder.write("top.txt", TinyRun.text(top))
    var trainer = try tiny.trainer(
      TinyRun.asWritten + [
        ("training.batch_size", "\(batch)"), ("network", "{hidden: [8], activation: relu, initializer: he_normal}"),
      ])
    var state = trainer.state
    for index in state.parameters.indices where state.parameters[index] != 0 { state.parameters[index] = 2 }
    trainer.state = state
    let end = try trainer.failure()
    let failure = try #require(end)
    #expect(failure.exitCode == .diverged)
    #expect(
      failure.description.hasPrefix(
        "epoch 1, step \(step) of \(trainer.plan.stepsPerEpoch): the loss or a gradient is not finite, "
          + "first for event 6 of top (on rank 0@\(hostName())); "), "\(failure.description)")
  }

  @Test func parametersThatAreNotFiniteAreNotSound() throws {
    var trainer = try TinyRun().trainer([("split", "{train: 1, validation: 0, test: 0}")])
    func isSound(_ parameters: [Float]) throws -> (isFinite: Bool, isSound: Bool) {
      var state = trainer.state
      state.parameters = parameters
      trainer.state = state
      return (trainer.isFinite, try trainer.isSound(nil, .solo()))
    }
    let start = trainer.state.parameters
    #expect(try isSound(start) == (true, true))
    var broken = start
    broken[broken.count - 8] = .nan
    #expect(try isSound(broken) == (false, false))
    // Finite, but of no use: the outputs are beyond float32.
    #expect(try isSound(start.map { $0 == 0 ? 0 : $0 < 0 ? -3e38 : 3e38 }) == (true, false))
    let failure = trainer.divergence(after: 4)
    #expect(failure.exitCode == .diverged && failure.description.hasPrefix("epoch 4, after its last step: "))
  }

  @Test func whatMemoryLosesAfterAComparisonIsNotWritten() throws {
    var trainer = try TinyRun().trainer()
    let compared = try trainer.requireEqualReplicas(after: "epoch 1", .solo())
    #expect(try trainer.state(comparedAs: compared) == trainer.state)
    var damaged = trainer.state
    damaged.parameters[3] = Float(bitPattern: damaged.parameters[3].bitPattern ^ 1)
    trainer.state = damaged
    let failure = #expect(throws: Failure.self) { try trainer.state(comparedAs: compared) }
    #expect(failure?.exitCode == .ranksDisagree)
  }

  @Test func oneRankHasNobodyToDifferFrom() throws {
    let trainer = try TinyRun().trainer()
    #expect(throws: Never.self) { _ = try trainer.requireEqualReplicas(after: "epoch 1", .solo()) }
    // Nor does a comparison every step change what comes out.
    var plain = try TinyRun().trainer()
    var checked = try TinyRun().trainer([("safety.replica_check", "1")])
    #expect(try plain.train(toEpoch: 1) == checked.train(toEpoch: 1))
  }
}
