import KernelOperands

/// Sums loss and gradient of blocks of events over the threads of one rank.
///
/// The sums are the same bits whatever the number of workers, and, once the ranks' sums are added, whatever the number of
/// ranks: every block's result is rounded once on its own, and rounded results are added exactly. A step of a single
/// block has nothing to add, so its gradient is taken as it is. With ``Reduction/float32`` only the statistics are so exact.
@safe
public struct GradientEngine: ~Copyable {
  /// Fills a block: its number; features (rows, feature stride), labels, event weights; returns how many rows.
  public typealias Fill = (
    _ block: Int, _ features: inout MutableSpan<Float>, _ labels: inout MutableSpan<Int32>,
    _ weights: inout MutableSpan<Float>
  ) -> Int

  /// How the workers store the gradient of a step.
  private enum GradientForm {
    /// As sums in units of grids.
    case gridSums
    /// As sums in natural units.
    case naturalSums
    /// As the inputs and deltas of a single event.
    case event
  }

  /// Threads that work on a step.
  public let threads: Int
  /// Multiply-adds of a full block.
  let blockWork: Int
  let workOfAThread: Int
  /// One worker per thread; the first one's sums become the total. Changed through a local copy of the pointer: else the
  /// compiler (6.3) breaks on what it adds for the thread sanitizer.
  let workers: UnsafeMutablePointer<Worker>
  /// nil for a single thread.
  let team: ThreadTeam?
  /// Whether a single event's gradient is never stored; see ``ParameterLayout/isChain``.
  private let isChain: Bool
  /// Whether a training step has dropout.
  private let hasDropout: Bool
  /// The epoch, and the run's seed, whose masks of dropout the workers have; nil before the first one.
  private var dropoutEpoch: (epoch: Int, seed: UInt64)?
  /// How the workers store the gradient of the last step.
  private var gradientForm = GradientForm.naturalSums
  /// The exponents of the grids of the last step's sums. A separate copy, as the grid would otherwise be copied whenever it
  /// moves.
  private var exponentsOfSums: [Int]
  /// Times the phases of a step if requested.
  var clock = PhaseClock(cost: nil)
  /// The events of the last evaluation that recorded them.
  public private(set) var recordedScores = RecordedScores(columns: 0, capacity: 0)

  /// An engine for blocks of up to `capacity` events. Without `training` it can only evaluate, and counts a confusion matrix.
  ///
  /// `team` has the threads, which engines that run one at a time may share; nil: threads of its own.
  ///
  /// `workOfAThread` is how many multiply-adds make another thread worthwhile for a step. One more costs about 2.4 µs
  /// with the seed network, mostly to fetch its sums from the other core's cache, and 2 µs more if it has to be woken; the
  /// default is some 6 µs of work for one core: 2 threads take 8.8 µs for 64 events instead of 14.0.
  public init(
    layout: ParameterLayout, capacity: Int, threads: Int, training: Bool, reduction: Reduction = .exact,
    team: ThreadTeam? = nil, workOfAThread: Int = 200_000
  ) {
    precondition(threads > 0 && capacity > 0 && workOfAThread > 0, "no thread, no event or no work")
    self.workOfAThread = workOfAThread
    self.threads = threads
    isChain = layout.isChain
    hasDropout = layout.hasDropout
    exponentsOfSums = Array(repeating: 0, count: layout.layers.count)
    // Forward, and in training the gradients w.r.t. weights and inputs.
    blockWork = capacity * layout.count * (training ? 3 : 1)
    self.team = threads > 1 ? team ?? ThreadTeam(threads: threads) : nil
    // Workers cannot be copied, so no array holds them; deinit destroys them.
    unsafe workers = .allocate(capacity: threads)
    for index in 0..<threads {
      let classes = training ? 0 : layout.classes
      unsafe (workers + index).initialize(
        to: Worker(
          layout: layout, capacity: capacity, confusionClasses: classes, training: training, reduction: reduction))
    }
  }

  deinit {
    unsafe workers.deinitialize(count: threads)
    unsafe workers.deallocate()
  }

  /// Where the time of the steps went since ``measurePhases(clockCost:)``.
  public var phases: StepPhases { clock.phases }

  /// Starts to measure the phases of every step with a clock that costs this many nanoseconds; nil: stops.
  public mutating func measurePhases(clockCost: Double?) {
    clock = PhaseClock(cost: clockCost)
    for index in 0..<threads { unsafe workers[index].clock = clock }
  }

  /// The total of the last call, to be added over the ranks.
  public var sums: StepSums {
    borrowing _read { yield unsafe workers[0].sums }
    _modify {
      let workers = unsafe workers
      yield &(unsafe workers[0].sums)
    }
  }

  /// Sums the gradient and the statistics of a step over all ranks, repeated until the grids are suitable.
  ///
  /// - Parameters:
  ///   - blocks: This rank's share of the blocks of the `plan`.
  ///   - isAlone: Whether there is no other rank. A single event's gradient is then never summed, unless layers are normalised or
  ///     skipped: ``sums`` holds its statistics, and the optimiser takes the gradient from the engine.
  ///   - firstPlace: The place of the batch's first event in the epoch's order, for dropout; the others follow.
  ///   - stopRequested: Whether this rank wants to stop after this step; asked at its end. ``StepSums/stopRequests`` counts
  ///     the ranks that do.
  ///   - overRanks: Adds the sums of the other ranks. Not called for the single event of a rank that is alone.
  public mutating func sumGradients(
    of network: borrowing Network, _ plan: BlockPlan, blocks: Range<Int>, isAlone: Bool, grid: inout GradientGrid,
    firstPlace: Int = 0, stopRequested: @autoclosure () -> Bool, fill: Fill,
    overRanks: (inout StepSums) throws -> Void
  ) rethrows {
    if isAlone && plan.events == 1 && isChain {
      backpropagateEvent(of: network, place: firstPlace, fill: fill)
      if stopRequested() { sums.requestStop() }
      return
    }
    repeat {
      sumBlocks(of: network, plan, blocks: blocks, grid: grid, firstPlace: firstPlace, fill: fill)
      if stopRequested() { sums.requestStop() }
      clock.start()
      try overRanks(&sums)
      clock.lap(.allreduce)
    } while gradientForm == .gridSums && sums.nonFiniteBlocks == 0 && !grid.settle(sums)
  }

  /// Sums gradients and statistics of `blocks`, this rank's share of the `plan`, on the grids of `grid`.
  public mutating func sumBlocks(
    of network: borrowing Network, _ plan: BlockPlan, blocks: Range<Int>, grid: GradientGrid, firstPlace: Int = 0,
    fill: Fill
  ) {
    // A single block is taken as it is.
    gradientForm = sums.reduction == .exact && plan.blocks > 1 ? .gridSums : .naturalSums
    for layer in exponentsOfSums.indices { exponentsOfSums[layer] = grid.exponents[layer] }
    let exponents = gradientForm == .gridSums ? exponentsOfSums : nil
    let gridBits = GradientGrid.bits(blocks: plan.blocks)
    forEachBlock(blocks) { worker, block in
      let rows = worker.load(block, fill)
      worker.addGradient(
        network, rows: rows, firstPlace: firstPlace + block * plan.block, grid: exponents, gridBits: gridBits)
    }
  }

  /// Sets the dropout masks for an epoch of the run with this seed; does nothing for a network without dropout.
  public mutating func beginEpoch(_ epoch: Int, seed: UInt64) {
    guard hasDropout, dropoutEpoch.map({ $0 != (epoch, seed) }) ?? true else { return }
    dropoutEpoch = (epoch, seed)
    let workers = unsafe workers
    let streams = unsafe Dropout.streams(seed: seed, epoch: epoch, hiddenLayers: workers[0].layout.hidden.count)
    for index in 0..<threads { unsafe workers[index].dropoutStreams = streams }
  }

  /// Takes a step's only event forward and backward: ``sums`` then holds its statistics, and no gradient.
  private mutating func backpropagateEvent(of network: borrowing Network, place: Int, fill: Fill) {
    let workers = unsafe workers
    gradientForm = .event
    clock.start()
    unsafe workers[0].clock.start()
    unsafe workers[0].hasWork = true
    let rows = unsafe workers[0].load(0, fill)
    precondition(rows == 1, "a single event")
    unsafe workers[0].backpropagateEvent(network, place: place)
    finishRegion(workers: 1)
  }

  /// Where the gradient w.r.t. the parameters of a layer stands.
  borrowing func gradient(ofLayer index: Int) -> GradientSource {
    // Worker 0 has the total, or the event.
    switch gradientForm {
    case .event: unsafe workers[0].gradientOfEvent(index)
    case .gridSums, .naturalSums: unsafe workers[0].sums.gradient(ofLayer: index, workers[0].layout)
    }
  }

  /// What one unit of that gradient is worth.
  borrowing func gradientUnit(ofLayer index: Int) -> Double {
    gradientForm == .gridSums ? Double(sign: .plus, exponent: -exponentsOfSums[index], significand: 1) : 1
  }

  /// Sums losses, hits and the confusion matrix of `blocks`. Where asked, ``scoreRanges`` then has the scores of their events: one
  /// more softmax; and ``recordedScores`` what ranks them, block after block.
  public mutating func sumLosses(
    of network: borrowing Network, blocks: Range<Int>, measuringScores: Bool = false, recordingScores: Bool = false,
    fill: Fill
  ) {
    if measuringScores {
      let none = [ScoreRange](repeating: ScoreRange(), count: network.specification.classes)
      for index in 0..<threads { unsafe workers[index].scoreRanges = none }
    }
    guard recordingScores else {
      return forEachBlock(blocks) { worker, block in
        let rows = worker.load(block, fill)
        unsafe worker.addEvaluation(network, rows: rows, measuringScores: measuringScores)
      }
    }
    let capacity = unsafe workers[0].capacity
    precondition(capacity % 8 == 0, "blocks begin at multiples of 8 events")
    let columns = RecordedScores.columns(classes: network.specification.classes)
    if recordedScores.columns != columns || recordedScores.capacity < blocks.count * capacity {
      recordedScores = RecordedScores(columns: columns, capacity: blocks.count * capacity)
    }
    // All blocks but the last of the evaluation are full, and every block has a place of its own.
    let slots = unsafe recordedScores.slots
    forEachBlock(blocks) { worker, block in
      let rows = worker.load(block, fill)
      unsafe worker.addEvaluation(network, rows: rows, measuringScores: measuringScores) { worker, outputs in
        unsafe worker.recordScores(
          outputs, network.specification, rows: rows, slots, at: (block - blocks.lowerBound) * capacity)
      }
    }
    recordedScores.count = sums.events
  }

  /// Class probabilities of `rows` events that `fill` provides as block `block`: (rows, classes).
  public mutating func probabilities(of network: borrowing Network, block: Int, fill: Fill) -> [Float] {
    let workers = unsafe workers
    let rows = unsafe workers[0].load(block, fill)
    let outputs = unsafe workers[0].forward(network, rows: rows)
    return unsafe workers[0].probabilities(outputs, network.specification, rows: rows)
  }
}
