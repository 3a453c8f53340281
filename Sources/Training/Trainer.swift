internal import Events
internal import MPI
internal import NeuralNetwork

/// One rank's part in training a network: the step, the epoch, the evaluation.
///
/// Everything in here is the same on every rank after every step, bit for bit, except the scratch of the engines.
struct Trainer: ~Copyable {
  let run: RunFile
  let dataset: Dataset
  let plan: StepPlan
  var network: Network
  var optimizer: SGD
  var grid: GradientGrid
  private var engine: GradientEngine
  private var evaluator: Evaluator
  /// Adds the sums of all ranks.
  private var rankSum: RankSum
  /// Whether a block takes so long (10⁷ multiplications, some 0.1 ms) that its beginning is worth a sign of life: a line of
  /// memory that all threads write.
  private let hasLongBlocks: Bool

  /// A network with starting values, and an optimiser at rest. All ranks of the communicator, with which it then trains,
  /// call it together.
  init(_ run: RunFile, dataset: Dataset, threads: Int, _ communicator: borrowing Communicator) throws {
    self.run = run
    self.dataset = dataset
    let specification = run.networkSpecification
    plan = StepPlan(
      events: dataset.training.count, batchSize: run.training.batchSize, block: run.blockSize)
    network = Network(specification)
    network.initialize(run.network.initializer, seed: run.training.seed)
    let layout = network.layout
    optimizer = SGD(run.training.optimizer.options, layout: layout)
    grid = GradientGrid(layers: layout.layers.count)
    let team = threads > 1 ? ThreadTeam(threads: threads) : nil
    engine = GradientEngine(
      layout: layout, capacity: min(plan.block, plan.batchSize, plan.events), threads: threads, training: true,
      reduction: run.training.reduction, team: team)
    evaluator = Evaluator(layout: layout, threads: threads, team: team)
    waitClock = WaitClock(stepsPerEpoch: plan.stepsPerEpoch)
    hasLongBlocks = plan.block * 3 * specification.parameterCount >= 10_000_000
    rankSum = try Self.makeSum(run, byteCount: engine.sums.sharedBytes, communicator)
  }

  private static func makeSum(
    _ run: RunFile, byteCount: Int, _ communicator: borrowing Communicator
  ) throws -> RankSum {
    let limit = StepSums.mostFloat32Ranks
    if run.training.reduction == .float32 && communicator.size > limit {
      throw AgreedFailure(
        failure: Failure(
          .usage, "training.reduction: float32 adds up to \(limit) ranks, there are \(communicator.size); use exact"))
    }
    return try communicator.makeSum(byteCount: byteCount)
  }

  /// The order in which an epoch shows the events.
  func order(ofEpoch epoch: Int) -> EventOrder {
    run.training.shuffle
      ? .shuffled(Shuffle(count: plan.events, seed: run.training.seed, epoch: epoch)) : .sequential(first: 0)
  }

  /// What a step came to.
  struct StepEnd {
    /// The mean loss of its batch.
    let cost: Double
    /// Whether a rank wishes to stop. All ranks learn it in the same step.
    let stops: Bool
  }

  /// One step: gradients of the batch over all ranks, then the optimiser. All ranks call it together.
  ///
  /// `diverged` is called before the end of a training that cannot go on.
  mutating func takeStep(
    _ step: Int, epoch: Int, order: EventOrder, _ communicator: borrowing Communicator, addingTo sums: inout EpochSums,
    diverged: () -> Void
  ) throws -> StepEnd {
    communicator.watchdog.begin(step: step + 1)
    // A rank alone with one event has nothing to add up.
    let isLoneEvent = communicator.size == 1 && plan.events(ofStep: step).count == 1
    if isLoneEvent {
      backpropagateEvent(step: step, order: order)
    } else {
      try sumGradients(step: step, order: order, communicator)
    }
    guard engine.sums.nonFiniteBlocks == 0 else {
      // A rank whose parameters were damaged shall be named, and not the learning rate.
      try requireEqualReplicas(after: "epoch \(epoch), step \(step)", communicator)
      diverged()
      throw AgreedFailure(failure: try divergence(epoch: epoch, step: step, order: order, communicator))
    }
    let rate = rate(step: (epoch - 1) * plan.stepsPerEpoch + step)
    if isLoneEvent {
      optimizer.step(&network, event: engine, rate: rate)
    } else {
      optimizer.step(&network, sums: engine.sums, rate: rate, grid: gridOfSums)
    }

    let loss = engine.sums.loss
    let weight = engine.sums.weight
    sums.loss += loss
    sums.weight += weight
    sums.events += engine.sums.events
    sums.correct += engine.sums.correct
    let stops = isLoneEvent ? StopRequest.current != nil : engine.sums.stopRequests > 0
    return StepEnd(cost: loss / weight, stops: stops)
  }

  /// How long this rank waits for the others in an epoch.
  private(set) var waitClock: WaitClock

  /// Starts to measure how long this rank waits in the steps of an epoch.
  mutating func measureWaiting() { waitClock = WaitClock(stepsPerEpoch: plan.stepsPerEpoch) }

  /// Measures the allreduce for the benchmark.
  private var clock = PhaseClock(cost: nil)

  /// Starts to measure the phases of every step with a clock that costs so many nanoseconds; nil: stops.
  mutating func measurePhases(clockCost: Double?) {
    engine.measurePhases(clockCost: clockCost)
    clock = PhaseClock(cost: clockCost)
  }

  /// Where the time of the steps went since ``measurePhases(clockCost:)``.
  var phases: StepPhases {
    var phases = engine.phases
    phases.allreduce = clock.phases.allreduce
    phases.readings.outside += clock.phases.readings.outside
    return phases
  }

  /// How many numbers a step's allreduce sums: doubles if the sums are exact, else float32.
  var valuesInSums: Int { engine.sums.sharedCount }

  /// The grid exponents of the sums that the engine holds, nil if they are in natural units.
  private var gridOfSums: [Int]?

  /// Sums the gradients of a step over all ranks, on grids that suit them.
  private mutating func sumGradients(step: Int, order: EventOrder, _ communicator: borrowing Communicator) throws {
    let events = plan.events(ofStep: step)
    let blocks = plan.blocks(ofStep: step)
    let mine = BlockPlan.share(of: 0..<blocks.blocks, worker: communicator.rank, of: communicator.size)
    let dataset = dataset
    let featureStride = network.layout.layers[0].inputStride
    let (watchdog, hasLongBlocks) = (communicator.watchdog, hasLongBlocks)
    repeat {
      gridOfSums = run.training.reduction == .exact ? grid.exponents(forBlocks: blocks.blocks) : nil
      engine.sumGradients(of: network, blocks, blocks: mine, grid: grid) { block, features, labels, weights in
        if hasLongBlocks { watchdog.move() }
        let places = blocks.events(ofBlock: block)
        return dataset.gather(
          events.lowerBound + places.lowerBound..<events.lowerBound + places.upperBound, in: order,
          featureStride: featureStride, features: &features, labels: &labels, weights: &weights)
      }
      if StopRequest.current != nil { engine.sums.requestStop() }
      clock.start()
      let start = waitClock.start(step)
      try addRanks(communicator)
      waitClock.stop(start)
      clock.lap(.allreduce)
    } while gridOfSums != nil && engine.sums.nonFiniteBlocks == 0 && !grid.settle(engine.sums)
  }

  /// Adds the sums of all ranks: one collective.
  private mutating func addRanks(_ communicator: borrowing Communicator) throws {
    guard communicator.size > 1 else { return }
    switch run.training.reduction {
    case .exact: try engine.sums.withValues { values in try rankSum.sumInPlace(&values, communicator) }
    case .float32: try engine.sums.withFloats { values in try rankSum.sumInPlace(&values, communicator) }
    }
  }

  /// Takes the only event of a step forward and backward.
  private mutating func backpropagateEvent(step: Int, order: EventOrder) {
    let place = plan.events(ofStep: step)
    let dataset = dataset
    let featureStride = network.layout.layers[0].inputStride
    engine.backpropagateEvent(of: network) { _, features, labels, weights in
      dataset.gather(
        place, in: order, featureStride: featureStride, features: &features, labels: &labels, weights: &weights)
    }
  }

  /// What the learning rate is multiplied by at step number `step` of the whole training: schedule × warm-up.
  func rate(step: Int) -> Double {
    let steps = plan.stepsPerEpoch * run.training.epochs
    let warmup = run.training.warmupEpochs * Double(plan.stepsPerEpoch)
    let warm = warmup > 0 ? min(1, Double(step + 1) / warmup) : 1
    return warm * run.training.schedule.factor(step: step, of: steps, stepsPerEpoch: plan.stepsPerEpoch)
  }

  /// The first event of a step, as a place in the epoch, whose loss or gradient is not finite on its own, among those of this
  /// rank; nil if only sums of several are not.
  private mutating func firstNonFiniteEvent(
    step: Int, order: EventOrder, _ communicator: borrowing Communicator
  ) -> Int? {
    let events = plan.events(ofStep: step)
    let blocks = plan.blocks(ofStep: step)
    let mine = BlockPlan.share(of: 0..<blocks.blocks, worker: communicator.rank, of: communicator.size)
    let dataset = dataset
    let featureStride = network.layout.layers[0].inputStride
    for block in mine {
      for place in blocks.events(ofBlock: block) {
        let place = events.lowerBound + place
        engine.sumGradients(of: network, BlockPlan(events: 1, block: 1), blocks: 0..<1, grid: grid) {
          _, features, labels, weights in
          dataset.gather(
            place..<place + 1, in: order, featureStride: featureStride, features: &features, labels: &labels,
            weights: &weights)
        }
        if engine.sums.nonFiniteBlocks > 0 { return place }
        communicator.watchdog.move()
      }
    }
    return nil
  }

  /// What to say when a step's sums are not finite. All ranks call it together.
  private mutating func divergence(
    epoch: Int, step: Int, order: EventOrder, _ communicator: borrowing Communicator
  ) throws -> Failure {
    let mine = firstNonFiniteEvent(step: step, order: order, communicator)
    let answer = Array("\(mine.map(String.init) ?? "") \(hostName())".utf8)
    var first: (place: Int, rank: Int, host: String)?
    for (rank, bytes) in try communicator.allGather(answer).enumerated() {
      let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
      guard let place = Int(words[0]), place < first?.place ?? .max else { continue }
      first = (place, rank, words.dropFirst().joined(separator: " "))
    }
    var culprit = ""
    if let first {
      let origin = dataset.origin(
        ofRow: order.row(at: first.place), split: run.trainingSplit, seed: run.training.seed)
      culprit =
        ", first for event \(origin.number + 1) of \(dataset.classNames[origin.process]) "
        + "(on rank \(first.rank)@\(first.host))"
    }
    return Failure(
      .diverged,
      "epoch \(epoch), step \(step + 1) of \(plan.stepsPerEpoch): the loss or a gradient is not finite\(culprit); "
        + "lower training.optimizer.learning_rate (now \(run.training.optimizer.learningRate)), "
        + "set data.standardize: true, or start from smaller weights; the last checkpoint is kept")
  }
}

/// Adds up how long a rank waits for the others, from a sample of at most 2,048 steps an epoch: to read the clock twice
/// costs some 80 ns, which a step of a few events would feel.
struct WaitClock {
  private let stride: Int
  private var sampled = 0
  private var waited = 0.0

  init(stepsPerEpoch: Int) { stride = max(1, stepsPerEpoch / 1024) }

  /// When the waiting of a step began, if it is one of the sample.
  func start(_ step: Int) -> ContinuousClock.Instant? { step % stride == 0 ? .now : nil }

  mutating func stop(_ start: ContinuousClock.Instant?) {
    guard let start else { return }
    waited += (ContinuousClock.now - start) / .seconds(1)
    sampled += 1
  }

  /// The seconds of waiting in so many steps.
  func seconds(ofSteps steps: Int) -> Double { sampled > 0 ? waited / Double(sampled) * Double(steps) : 0 }
}

extension Trainer {
  /// Loss, accuracy and confusion matrix of rows of the data set; nil if there are none. All ranks call it together.
  mutating func evaluate(_ rows: Range<Int>, _ communicator: borrowing Communicator) throws -> Metrics? {
    try evaluator.evaluate(network, dataset, rows, communicator)
  }
}
