internal import Dispatch
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
  /// One worker per thread; the first one's sums become the total.
  private let workers: UnsafeMutablePointer<Worker>
  /// Measures the phases of a step where somebody wants to know.
  private var clock = PhaseClock(cost: nil)

  /// An engine for blocks of up to `capacity` events. Without `training` it can only evaluate, and counts a confusion matrix.
  ///
  /// `workOfAThread` is how many multiply-adds make it worth to wake another thread for a step. Waking costs some 50 µs; the
  /// default is about 80 µs of work for one core.
  public init(
    layout: ParameterLayout, capacity: Int, threads: Int, training: Bool, reduction: Reduction = .exact,
    workOfAThread: Int = 4_000_000
  ) {
    precondition(threads > 0 && capacity > 0 && workOfAThread > 0, "no thread, no event or no work")
    self.workOfAThread = workOfAThread
    self.threads = threads
    // Forward, and in training the gradients by weights and by inputs.
    blockWork = capacity * layout.count * (training ? 3 : 1)
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
    _modify { yield &(unsafe workers[0].sums) }
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
    clock.start()
    unsafe workers[0].clock.start()
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
    let rows = unsafe workers[0].load(block, fill)
    return unsafe workers[0].probabilities(network, rows: rows)
  }

  /// Hands each worker its share of the blocks, as many workers as the work is worth, then adds the workers' sums to the first one's.
  private mutating func forEachBlock(_ blocks: Range<Int>, _ body: (inout Worker, Int) -> Void) {
    let worth = Int(Double(blocks.count) * Double(blockWork) / Double(workOfAThread))
    let active = max(1, min(threads, blocks.count, worth))
    let workers = unsafe workers
    clock.start()
    defer { finishRegion(workers: active) }
    func work(_ index: Int) {
      unsafe workers[index].clock.start()
      unsafe workers[index].sums.reset()
      unsafe workers[index].clock.lap(.rounding)
      for block in BlockPlan.share(of: blocks, worker: index, of: active) { unsafe body(&workers[index], block) }
      unsafe workers[index].sums.completeGradient()
    }
    if active == 1 { return work(0) }
    withoutActuallyEscaping(work) { work in
      // Thread `index` touches worker `index` alone, and the network is only read.
      nonisolated(unsafe) let work = work
      DispatchQueue.concurrentPerform(iterations: active) { unsafe work($0) }
    }
    for index in 1..<active { unsafe workers[0].sums.add(workers[index].sums) }
  }

  /// Takes over what the clocks of the workers that had a part in the step say.
  private mutating func finishRegion(workers active: Int) {
    guard clock.isOn else { return }
    clock.lap(.region)
    for index in 0..<active {
      unsafe clock.phases.add(workers[index].clock.phases, of: active)
      unsafe workers[index].clock.phases = StepPhases()
    }
  }
}

extension Worker {
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
    unsafe softmax(rows: rows, classes: classes, logits: logits, stride: stride, probabilities: logits)
    return (0..<rows * classes).map { unsafe logits[$0 / classes * stride + $0 % classes] }
  }
}
