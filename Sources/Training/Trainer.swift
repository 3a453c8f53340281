package import Events
import Machine
package import MPI
package import NeuralNetwork
import Numerics
package import Results

/// One rank's part in training a network: the step, the epoch, the evaluation, the state. It deals with no file, console or
/// run file; `Runs` drives it.
///
/// Everything in here is the same on every rank after every step, bit for bit, except the scratch of the engines.
package struct Trainer: ~Copyable {
  package let options: Options
  package let events: EventStore
  package let plan: StepPlan
  package internal(set) var network: Network
  var optimizer: Optimizer
  var grid: GradientGrid
  var engine: GradientEngine
  private var evaluator: Evaluator
  /// Adds the sums of all ranks.
  private var rankSum: RankSum
  /// What the learning rate is at each step.
  var learningRate: LearningRate
  /// How long this rank waits for the others in an epoch.
  private var waitClock: WaitClock
  /// Whether a block takes so long (10⁷ multiplications, some 0.1 ms) that its beginning is worth a sign of life: a line of
  /// memory that all threads write.
  private let hasLongBlocks: Bool

  /// A newly initialised network and optimiser. The trainer then works with this communicator.
  /// - Collective: every rank of the communicator calls it.
  package init(
    _ options: Options, events: EventStore, threads: Int, _ communicator: borrowing Communicator
  ) throws {
    self.options = options
    self.events = events
    plan = StepPlan(events: events.training.count, batchSize: options.batchSize, block: options.block)
    network = Network(options.network)
    network.initialize(options.initializer, seed: options.seed)
    let layout = network.layout
    optimizer = Optimizer(options.optimizer, l2: options.l2, layout: layout)
    optimizer.startAverage(from: network)
    grid = GradientGrid(layers: layout.layers.count)
    let team = threads > 1 ? ThreadTeam(threads: threads) : nil
    engine = GradientEngine(
      layout: layout, capacity: min(plan.block, plan.fullBatch), threads: threads, training: true,
      reduction: options.reduction, team: team)
    evaluator = Evaluator(layout: layout, threads: threads, team: team, metrics: options.metrics)
    learningRate = LearningRate(
      base: options.optimizer.learningRate, schedule: options.schedule,
      warmupSteps: options.warmupEpochs * Double(plan.stepsPerEpoch), steps: plan.stepsPerEpoch * options.epochs,
      stepsPerEpoch: plan.stepsPerEpoch)
    waitClock = WaitClock(stepsPerEpoch: plan.stepsPerEpoch)
    hasLongBlocks = plan.block * 3 * options.network.parameterCount >= 10_000_000
    if options.reduction == .float32 && communicator.size > StepSums.mostFloat32Ranks {
      throw AgreedFailure(
        .usage,
        "training.reduction: float32 adds up to \(StepSums.mostFloat32Ranks) ranks, there are \(communicator.size); "
          + "use exact")
    }
    rankSum = try communicator.makeSum(byteCount: engine.sums.sharedBytes)
  }

  /// The learning rate of the last step of an epoch, from 1.
  package func learningRate(atEndOf epoch: Int) -> Double { learningRate(atStep: epoch * plan.stepsPerEpoch - 1) }

  /// The order in which an epoch shows the events.
  package func order(ofEpoch epoch: Int) -> EventOrder {
    options.shuffle
      ? .shuffled(Shuffle(count: plan.events, seed: options.seed, epoch: epoch)) : .sequential(first: 0)
  }

  /// How many numbers a step's allreduce sums: doubles if the sums are exact, else float32.
  package var valuesInSums: Int { engine.sums.sharedCount }

  /// Takes in the value of the monitored metric of the validation events after an epoch, for a schedule that follows it. Returns
  /// the learning rate that it falls to, if it does. To be called on all ranks, with the same value.
  package mutating func adjustLearningRate(value: Double, prefersSmaller: Bool) -> Double? {
    learningRate.update(value: value, prefersSmaller: prefersSmaller) ? learningRate.plateau?.learningRate : nil
  }

  /// Loss, accuracy and confusion matrix of rows of the events, by the model: the running mean of the parameters if the optimiser
  /// keeps one; nil if there are no events. See ``Evaluator``.
  /// - Collective: every rank of the communicator calls it.
  package mutating func evaluate(
    _ rows: Range<Int>, comparingScores: Bool = false, _ communicator: borrowing Communicator
  ) throws -> Evaluation? {
    let events = events
    return try optimizer.withModel(&network) { network in
      try evaluator.evaluate(network, events, rows, comparingScores: comparingScores, communicator)
    }
  }

  /// The figures of the processes that are not trained on. See ``Evaluator``.
  /// - Collective: every rank of the communicator calls it.
  package mutating func scoresOfProcesses(_ communicator: borrowing Communicator) throws -> [ProcessScores] {
    try evaluator.scoresOfProcesses(network, events, communicator)
  }

  /// Starts to time the phases of every step with a clock whose reading costs `clockCost` nanoseconds; nil: stops.
  package mutating func measurePhases(clockCost: Double?) { engine.measurePhases(clockCost: clockCost) }

  /// Where the time of the steps went since ``measurePhases(clockCost:)``.
  package var phases: StepPhases { engine.phases }
}

// MARK: - Step and epoch

extension Trainer {
  /// The result of a step.
  package struct StepEnd {
    /// The mean loss of its batch, Σ t·ℓ / (n·t̄): as in ``Metric/loss``.
    package let cost: Double
    /// Whether a rank asked to stop. All ranks learn of it in the same step.
    package let stops: Bool
  }

  /// Takes the remaining steps of an epoch, until a rank asks to stop. `report` receives the cost of each step
  /// and the position after it. Returns whether a rank asked to stop.
  /// - Collective: every rank of the communicator calls it.
  package mutating func trainEpoch(
    _ position: inout TrainingPosition, _ communicator: borrowing Communicator,
    report: (_ position: TrainingPosition, _ cost: Double) -> Void
  ) throws -> Bool {
    let epoch = position.epoch + 1
    communicator.watchdog.begin(epoch: epoch)
    communicator.watchdog.enter(.training)
    waitClock = WaitClock(stepsPerEpoch: plan.stepsPerEpoch)
    let order = order(ofEpoch: epoch)
    while position.step < plan.stepsPerEpoch {
      let end = try takeStep(position.step, epoch: epoch, order: order, communicator, addingTo: &position.sums)
      position.step += 1
      report(position, end.cost)
      if let every = options.replicaCheck, communicator.size > 1,
        position.steps(perEpoch: plan.stepsPerEpoch) % every == 0
      {
        try requireEqualReplicas(after: "epoch \(epoch), step \(position.step)", communicator)
      }
      if end.stops { return true }
    }
    return false
  }

  /// One step: gradients of the batch over all ranks, then the optimiser.
  /// - Collective: every rank of the communicator calls it.
  package mutating func takeStep(
    _ step: Int, epoch: Int, order: EventOrder, _ communicator: borrowing Communicator, addingTo sums: inout Statistics
  ) throws -> StepEnd {
    communicator.watchdog.begin(step: step + 1)
    engine.beginEpoch(epoch, seed: options.seed)
    try sumGradients(step: step, order: order, communicator)
    let statistics = engine.statistics
    guard statistics.nonFiniteBlocks == 0 else {
      // If the parameters of a rank were corrupted, blame that rank, not the learning rate.
      try requireEqualReplicas(after: "epoch \(epoch), step \(step)", communicator)
      throw try divergence(epoch: epoch, step: step, order: order, communicator)
    }
    let number = (epoch - 1) * plan.stepsPerEpoch + step
    optimizer.step(
      &network, engine, learningRate: learningRate(atStep: number), atStep: number, meanWeight: events.meanWeight)
    let result = Statistics(statistics, meanWeight: events.meanWeight)
    sums += result
    return StepEnd(cost: result.loss / Double(result.events), stops: statistics.stopRequests > 0)
  }

  /// Sums the gradients of a step over all threads and ranks.
  private mutating func sumGradients(step: Int, order: EventOrder, _ communicator: borrowing Communicator) throws {
    let places = plan.events(ofStep: step)
    let blocks = plan.blocks(ofStep: step)
    let events = events
    let featureStride = network.layout.layers[0].inputStride
    let (watchdog, hasLongBlocks, waits) = (communicator.watchdog, hasLongBlocks, communicator.size > 1)
    try engine.sumGradients(
      of: network, blocks, blocks: share(of: blocks, communicator), isAlone: !waits, grid: &grid,
      firstPlace: places.lowerBound, stopRequested: StopRequest.current != nil
    ) { block, features, labels, weights in
      if hasLongBlocks { watchdog.move() }
      let inBatch = blocks.events(ofBlock: block)
      return events.gather(
        places.lowerBound + inBatch.lowerBound..<places.lowerBound + inBatch.upperBound, in: order,
        featureStride: featureStride, features: &features, labels: &labels, weights: &weights)
    } overRanks: { sums in
      guard waits else { return }
      let start = waitClock.start(step)
      switch sums.reduction {
      case .exact: try sums.withValues { values in try rankSum.sumInPlace(&values, communicator) }
      case .float32: try sums.withFloats { values in try rankSum.sumInPlace(&values, communicator) }
      }
      waitClock.stop(start)
    }
  }

  /// The blocks of a batch that this rank takes.
  func share(of blocks: BlockPlan, _ communicator: borrowing Communicator) -> Range<Int> {
    BlockPlan.share(of: 0..<blocks.blocks, worker: communicator.rank, of: communicator.size)
  }

  /// How long this rank computed and waited in the steps from one position to another, which took `seconds`.
  package func rankTime(
    from before: TrainingPosition, to position: TrainingPosition, seconds: Double,
    _ communicator: borrowing Communicator
  ) -> RankTime {
    let wait =
      communicator.size > 1 ? min(seconds, waitClock.seconds(ofSteps: position.step - before.step)) : 0
    // For part of an epoch, the same fraction of the rank's share.
    let part = Double(position.sums.events - before.sums.events) / Double(plan.events)
    let events = Int((Double(plan.share(rank: communicator.rank, of: communicator.size)) * part).rounded())
    return RankTime(events: events, compute: seconds - wait, wait: wait)
  }
}

extension Statistics {
  /// `meanWeight` is t̄.
  init(_ step: StepStatistics, meanWeight: Double) {
    self.init(
      loss: step.loss / meanWeight, unweightedLoss: step.unweightedLoss, events: step.events, correct: step.correct)
  }
}
