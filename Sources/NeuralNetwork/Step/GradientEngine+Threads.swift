extension GradientEngine {
  /// Additions that one thread does faster than several: some 4 µs of work.
  private static let serialSums = 8192
  /// The number of sums added at a time: several pieces a thread for a small network, pages for a large one.
  private static let pieceOfSums = 512

  /// Hands the blocks to as many workers as the work is worth, then adds the workers' sums to the first one's.
  mutating func forEachBlock(_ blocks: Range<Int>, _ body: (inout Worker, Int) -> Void) {
    let worth = Int(Double(blocks.count) * Double(blockWork) / Double(workOfAThread))
    let active = max(1, min(threads, blocks.count, worth))
    let workers = unsafe workers
    clock.start()
    for index in 0..<active { unsafe workers[index].hasWork = false }
    unsafe workers[0].beginStep()  // There may be no block.
    // Thread `index` touches worker `index` alone, and the network is only read.
    func work(_ block: Int, _ index: Int) {
      if unsafe !workers[index].hasWork { unsafe workers[index].beginStep() }
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

  /// Adds the sums of those of the first `active` workers that had work to the first one's: on all their threads where
  /// that is much to do.
  private mutating func addSums(of active: Int) {
    let workers = unsafe workers
    let count = unsafe workers[0].sums.gradientLength
    func add(_ range: Range<Int>) {
      for index in 1..<active where unsafe workers[index].hasWork {
        unsafe workers[0].sums.addGradient(workers[index].sums, in: range)
      }
    }
    for index in 1..<active where unsafe workers[index].hasWork {
      unsafe workers[0].sums.addStatistics(workers[index].sums)
    }
    if (active - 1) * count <= Self.serialSums { return add(0..<count) }
    let piece = Self.pieceOfSums
    // Each thread adds another piece of the first worker's sums.
    team?.run((count + piece - 1) / piece, threads: active) { index, _ in
      add(index * piece..<min((index + 1) * piece, count))
    }
  }

  /// Collects the times of the workers that had work in the step.
  mutating func finishRegion(workers active: Int) {
    guard clock.isOn else { return }
    clock.lap(.region)
    let parts = (0..<active).count { unsafe workers[$0].hasWork }
    for index in 0..<active where unsafe workers[index].hasWork {
      unsafe clock.phases.add(workers[index].clock.phases, of: parts)
      unsafe workers[index].clock.phases = StepPhases()
    }
  }
}
