internal import Kernels

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

  /// Threads that work on a step.
  public let threads: Int
  /// Multiply-adds of a full block.
  private let blockWork: Int
  private let workOfAThread: Int
  /// Additions that one thread does faster than several: some 4 µs of work.
  private static let serialSums = 8192
  /// Sums that are added in one go: several pieces a thread for a small network, pages for a large one.
  private static let pieceOfSums = 512
  /// One worker per thread; the first one's sums become the total. Changed through a local copy of the pointer: else the
  /// compiler (6.3) breaks on what it adds for the thread sanitizer.
  private let workers: UnsafeMutablePointer<Worker>
  /// nil for a single thread.
  private let team: ThreadTeam?
  /// Measures the phases of a step where somebody wants to know.
  private var clock = PhaseClock(cost: nil)

  /// An engine for blocks of up to `capacity` events. Without `training` it can only evaluate, and counts a confusion matrix.
  ///
  /// `team` has the threads, which several engines may share that take turns; nil: threads of its own.
  ///
  /// `workOfAThread` is how many multiply-adds make it worth to have another thread for a step. One more costs some 2.4 µs
  /// with the seed network, mostly to fetch its sums from the other core's cache, and 2 µs more if it has to be woken; the
  /// default is some 6 µs of work for one core: 2 threads take 8.8 µs for 64 events instead of 14.0.
  public init(
    layout: ParameterLayout, capacity: Int, threads: Int, training: Bool, reduction: Reduction = .exact,
    team: ThreadTeam? = nil, workOfAThread: Int = 200_000
  ) {
    precondition(threads > 0 && capacity > 0 && workOfAThread > 0, "no thread, no event or no work")
    self.workOfAThread = workOfAThread
    self.threads = threads
    // Forward, and in training the gradients by weights and by inputs.
    blockWork = capacity * layout.count * (training ? 3 : 1)
    self.team = threads > 1 ? team ?? ThreadTeam(threads: threads) : nil
    // Workers cannot be copied, so no array holds them; deinit takes them down.
    unsafe workers = .allocate(capacity: threads)
    for index in 0..<threads {
      let classes = training ? 0 : layout.layers[layout.layers.count - 1].outputs
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

  /// Starts to measure the phases of every step with a clock that costs so many nanoseconds; nil: stops.
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

  /// Sums gradients and statistics of `blocks`, this rank's share of the `plan`, on the grids of `grid`.
  public mutating func sumGradients(
    of network: borrowing Network, _ plan: BlockPlan, blocks: Range<Int>, grid: GradientGrid, fill: Fill
  ) {
    let exponents = grid.exponents(forBlocks: plan.blocks)
    let gridBits = GradientGrid.bits(blocks: plan.blocks)
    forEachBlock(blocks) { worker, block in
      let rows = worker.load(block, fill)
      worker.addGradient(network, rows: rows, grid: exponents, gridBits: gridBits)
    }
  }

  /// Takes a step's only event forward and backward, for `SGD.step(_:event:rate:)` to apply: ``sums`` then holds its
  /// statistics, and no gradient. For a rank that is alone: nothing is left that could be added to other ranks'.
  public mutating func backpropagateEvent(of network: borrowing Network, fill: Fill) {
    let workers = unsafe workers
    clock.start()
    unsafe workers[0].clock.start()
    unsafe workers[0].hasPart = true
    let rows = unsafe workers[0].load(0, fill)
    precondition(rows == 1, "a single event")
    unsafe workers[0].backpropagateEvent(network)
    finishRegion(workers: 1)
  }

  /// Lets `body` use the worker that has the event of the last step.
  borrowing func withEvent(_ body: (borrowing Worker) -> Void) { unsafe body(workers[0]) }

  /// Sums losses, hits and the confusion matrix of `blocks`.
  public mutating func sumLosses(of network: borrowing Network, blocks: Range<Int>, fill: Fill) {
    forEachBlock(blocks) { worker, block in
      let rows = worker.load(block, fill)
      worker.addEvaluation(network, rows: rows)
    }
  }

  /// Class probabilities of `rows` events that `fill` provides as block `block`: (rows, classes).
  public mutating func probabilities(of network: borrowing Network, block: Int, fill: Fill) -> [Float] {
    let workers = unsafe workers
    let rows = unsafe workers[0].load(block, fill)
    return unsafe workers[0].probabilities(network, rows: rows)
  }

  /// Hands the blocks to as many workers as the work is worth, then adds the workers' sums to the first one's.
  private mutating func forEachBlock(_ blocks: Range<Int>, _ body: (inout Worker, Int) -> Void) {
    let worth = Int(Double(blocks.count) * Double(blockWork) / Double(workOfAThread))
    let active = max(1, min(threads, blocks.count, worth))
    let workers = unsafe workers
    clock.start()
    for index in 0..<active { unsafe workers[index].hasPart = false }
    unsafe workers[0].begin()  // There may be no block.
    // Thread `index` touches worker `index` alone, and the network is only read.
    func work(_ block: Int, _ index: Int) {
      if unsafe !workers[index].hasPart { unsafe workers[index].begin() }
      unsafe body(&workers[index], blocks.lowerBound + block)
    }
    if active == 1 {
      for block in 0..<blocks.count { work(block, 0) }
    } else {
      team?.run(blocks.count, threads: active, work)
    }
    unsafe workers[0].sums.completeGradient()
    addSums(of: active)
    finishRegion(workers: active)
  }

  /// Adds the sums of those of the first `active` workers that had a part to the first one's: on all their threads where
  /// that is much to do.
  private mutating func addSums(of active: Int) {
    let workers = unsafe workers
    let count = unsafe workers[0].sums.gradientLength
    func add(_ range: Range<Int>) {
      for index in 1..<active where unsafe workers[index].hasPart {
        unsafe workers[0].sums.addGradient(workers[index].sums, in: range)
      }
    }
    for index in 1..<active where unsafe workers[index].hasPart {
      unsafe workers[0].sums.addStatistics(workers[index].sums)
    }
    if (active - 1) * count <= Self.serialSums { return add(0..<count) }
    let piece = Self.pieceOfSums
    // Thread by thread another piece of the first worker's sums.
    team?.run((count + piece - 1) / piece, threads: active) { index, _ in
      add(index * piece..<min((index + 1) * piece, count))
    }
  }

  /// Takes over what the clocks of the workers that had a part in the step say.
  private mutating func finishRegion(workers active: Int) {
    guard clock.isOn else { return }
    clock.lap(.region)
    let parts = (0..<active).count { unsafe workers[$0].hasPart }
    for index in 0..<active where unsafe workers[index].hasPart {
      unsafe clock.phases.add(workers[index].clock.phases, of: parts)
      unsafe workers[index].clock.phases = StepPhases()
    }
  }
}

extension Worker {
  /// Starts a part in a step.
  fileprivate mutating func begin() {
    hasPart = true
    clock.start()
    sums.reset()
    clock.lap(.rounding)
  }

  fileprivate mutating func load(_ block: Int, _ fill: GradientEngine.Fill) -> Int {
    // Three buffers of one worker at once: exclusive by construction, which the compiler cannot see through one `self`.
    var features = unsafe MutableSpan(
      _unsafeStart: activations.pointer, count: capacity * layout.layers[0].inputStride)
    var labels = unsafe MutableSpan(_unsafeStart: self.labels.pointer, count: capacity)
    var weights = unsafe MutableSpan(_unsafeStart: self.weights.pointer, count: capacity)
    let rows = fill(block, &features, &labels, &weights)
    clock.lap(.gather)
    precondition(rows > 0 && rows <= capacity, "a block of \(rows) events")
    return rows
  }

  fileprivate func probabilities(_ network: borrowing Network, rows: Int) -> [Float] {
    let logits = unsafe forward(network, rows: rows)
    let classes = network.specification.classes
    let stride = layout.layers[layout.layers.count - 1].stride
    unsafe kernels.softmax(rows: rows, classes: classes, logits: logits, stride: stride, probabilities: logits)
    return (0..<rows * classes).map { unsafe logits[$0 / classes * stride + $0 % classes] }
  }
}
