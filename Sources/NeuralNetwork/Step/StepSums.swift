import KernelOperands
import Kernels
import Machine
import Numerics

/// Everything that a step (or an evaluation) sums over blocks, threads and ranks, in one buffer of doubles: one allreduce.
/// Weights themselves are summed in evaluations alone: nothing divides by the weights of a batch, which may cancel.
///
/// The gradient comes first, in the layout of the parameters and in grid units; then the statistics. All values are
/// integers small enough to add exactly (see ``GradientGrid`` and `ExactScalar`), so the order of adding does not matter.
///
/// With ``Reduction/float32`` only the statistics are in that buffer. The gradient stands in ``floats``, in natural units.
public struct StepSums: ~Copyable {
  /// What stands after the gradient.
  enum Lane {
    static let loss = 0
    /// Without weights; counted in evaluations alone.
    static let unweightedLoss = loss + ExactScalar.limbs
    static let events = unweightedLoss + ExactScalar.limbs
    static let correct = events + 1
    static let nonFinite = correct + 1
    static let stops = nonFinite + 1
    static let census = stops + 1
  }

  /// The sums. What is in them is public so that a communicator can add those of other ranks.
  public private(set) var values: AlignedBuffer<Double>
  let gradientCount: Int
  /// With ``Reduction/float32``: the gradient, then room for the statistics (see ``withFloats(_:)``); else empty.
  var floats: AlignedBuffer<Float>
  /// How many values of `floats` are the gradient.
  let floatGradientCount: Int
  /// How the gradients are summed.
  public let reduction: Reduction
  let layers: Int
  /// Number of classes of the confusion matrix at the end of the buffer, 0 for none.
  let confusionClasses: Int

  init(gradientCount count: Int, layers: Int, confusionClasses: Int = 0, reduction: Reduction = .exact) {
    self.reduction = reduction
    // Float32 sums have no grid, and so no census.
    let isExact = reduction == .exact
    gradientCount = isExact ? count : 0
    let layers = isExact ? layers : 0
    self.layers = layers
    self.confusionClasses = confusionClasses
    floatGradientCount = isExact ? 0 : count
    floats = AlignedBuffer(count: isExact ? 0 : roundedUpTo8(count + Lane.census * PackedInteger.parts))
    // Only evaluations have a confusion matrix and sums of weights.
    let judged = confusionClasses > 0 ? confusionClasses * confusionClasses + 2 * ExactScalar.limbs : 0
    let statistics = Lane.census + layers * GradientGrid.Census.counters + judged
    values = AlignedBuffer(count: roundedUpTo8(gradientCount + statistics))
  }

  /// How many numbers the gradient has.
  var gradientLength: Int { reduction == .exact ? gradientCount : floatGradientCount }

  /// How many numbers the ranks add in one step.
  public var sharedCount: Int { reduction == .exact ? values.count : floats.count }

  /// How many bytes they are.
  public var sharedBytes: Int {
    sharedCount * (reduction == .exact ? MemoryLayout<Double>.stride : MemoryLayout<Float>.stride)
  }

  /// Lets `body` add other ranks' sums, for ``Reduction/exact``.
  public mutating func withValues<Failure: Error>(
    _ body: (inout MutableSpan<Double>) throws(Failure) -> Void
  ) throws(Failure) {
    try values.withMutableSpan(body)
  }

  /// Sum of loss × weight over all events.
  public var loss: Double { unsafe ExactScalar.total(values.pointer + gradientCount + Lane.loss) }
  /// Sum of losses over all events, each counting 1; 0 while training, where it is not needed.
  public var unweightedLoss: Double {
    unsafe ExactScalar.total(values.pointer + gradientCount + Lane.unweightedLoss)
  }
  /// Number of events.
  public var events: Int { Int(statistic(Lane.events)) }
  /// Number of events whose largest output is their own class.
  public var correct: Int { Int(statistic(Lane.correct)) }
  /// Number of blocks with a loss or gradient that is not finite. If it is not zero, no other sum is meaningful.
  public var nonFiniteBlocks: Int { Int(statistic(Lane.nonFinite)) }

  /// How many ranks want to stop after this step.
  public var stopRequests: Int { Int(statistic(Lane.stops)) }

  /// Adds this rank's request to stop after this step, which the other ranks learn with the sums.
  public mutating func requestStop() {
    unsafe values.pointer[gradientCount + Lane.stops] += 1  // Inside: the lanes stand behind the gradient.
  }

  /// Where the gradient w.r.t. the parameters of a layer stands.
  func gradient(ofLayer index: Int, _ layout: ParameterLayout) -> GradientSource {
    let start = layout.layers[index].weights
    switch reduction {
    case .exact: return unsafe .gridSums(values.pointer + start)
    case .float32: return unsafe .plainSums(floats.pointer + start)
    }
  }

  /// How the blocks filled the grid of layer number `layer`.
  public func census(ofLayer layer: Int) -> GradientGrid.Census {
    let lane = Lane.census + layer * GradientGrid.Census.counters
    return GradientGrid.Census(
      nonzero: statistic(lane), resolved: statistic(lane + 1), ample: statistic(lane + 2),
      high: statistic(lane + 3), overflowed: statistic(lane + 4))
  }

  /// Events of each true class (row) by predicted class (column).
  public var confusion: [[Int]] {
    (0..<confusionClasses).map { row in
      (0..<confusionClasses).map { Int(statistic(confusionLane + row * confusionClasses + $0)) }
    }
  }

  /// Sum of the weights of the events that have a prediction, and of those that are classified right, in an evaluation.
  public var weight: Double { unsafe ExactScalar.total(values.pointer + gradientCount + weightLane) }
  public var rightWeight: Double {
    unsafe ExactScalar.total(values.pointer + gradientCount + weightLane + ExactScalar.limbs)
  }

  private var weightLane: Int { confusionLane + confusionClasses * confusionClasses }

  private var confusionLane: Int { Lane.census + layers * GradientGrid.Census.counters }

  private func statistic(_ lane: Int) -> Double { values[gradientCount + lane] }

  // The work of workers. Each has sums of its own; none is shared until all have finished.

  /// Whether the gradient is that of an earlier step: the first block then replaces it.
  var gradientIsStale = false

  /// Resets the sums. The gradient is set by the first block, or by ``completeGradient()``.
  mutating func reset() {
    resetStatistics()
    gradientIsStale = true
  }

  /// Sets the gradient to zero if there was no block.
  mutating func completeGradient() {
    guard gradientIsStale else { return }
    gradientIsStale = false
    unsafe values.pointer.update(repeating: 0, count: gradientCount)
    unsafe floats.pointer.update(repeating: 0, count: floatGradientCount)
  }

  /// Resets all but the gradient, which a step of a single event does not use.
  mutating func resetStatistics() {
    unsafe (values.pointer + gradientCount).update(repeating: 0, count: values.count - gradientCount)
  }

  mutating func countNonFinite() {
    unsafe values.pointer[gradientCount + Lane.nonFinite] += 1
  }

  /// Counts a block; `loss` is its sum of loss × weight.
  mutating func count(events: Int, correct: Int, loss: Double) {
    addExactly(loss, to: Lane.loss)
    unsafe values.pointer[gradientCount + Lane.events] += Double(events)
    unsafe values.pointer[gradientCount + Lane.correct] += Double(correct)
  }

  /// Counts the sum of a block's losses without weights, in an evaluation.
  mutating func count(unweightedLoss loss: Double) {
    addExactly(loss, to: Lane.unweightedLoss)
  }

  /// Counts the weights of a block's events and of those classified right, in an evaluation.
  mutating func count(weight: Double, right: Double) {
    addExactly(weight, to: weightLane)
    addExactly(right, to: weightLane + ExactScalar.limbs)
  }

  private mutating func addExactly(_ value: Double, to lane: Int) {
    let lanes = unsafe values.pointer + gradientCount
    if value.magnitude < ExactScalar.bound {
      unsafe ExactScalar.add(value, to: lanes + lane)
    } else {
      unsafe lanes[Lane.nonFinite] += 1  // NaN and infinity come here too.
    }
  }

  /// Notes into which bins of the grid with this exponent a block's largest value, given as float32 bits, falls.
  mutating func note(largest bits: UInt32, layer: Int, exponent: Int, gridBits: Int) {
    let lanes = unsafe values.pointer + gradientCount
    guard bits < Float.infinity.bitPattern else { return unsafe lanes[Lane.nonFinite] += 1 }
    guard bits != 0 else { return }
    // largest · 2^exponent < 2^size
    let size = Int(Float(bitPattern: bits).exponent) + 1 + exponent
    let census = unsafe lanes + Lane.census + layer * GradientGrid.Census.counters
    unsafe census[0] += 1
    if size > gridBits - 24 { unsafe census[1] += 1 }
    if size > gridBits - 14 { unsafe census[2] += 1 }
    if size > gridBits - 4 { unsafe census[3] += 1 }
    if size > gridBits { unsafe census[4] += 1 }
  }

  /// Adds another worker's statistics to these.
  mutating func addStatistics(_ other: borrowing StepSums) {
    unsafe KernelSet.chosen.add(
      other.values.pointer + gradientCount, to: values.pointer + gradientCount, count: values.count - gradientCount)
  }

  /// Adds another worker's gradient to this one within a range of it; other threads may do so elsewhere at the same time.
  func addGradient(_ other: borrowing StepSums, in range: Range<Int>) {
    let start = range.lowerBound
    switch reduction {
    case .exact:
      unsafe KernelSet.chosen.add(other.values.pointer + start, to: values.pointer + start, count: range.count)
    case .float32:
      _ = unsafe KernelSet.chosen.accumulatePlain(
        other.floats.pointer + start, into: floats.pointer + start, count: range.count)
    }
  }

  mutating func countConfusion(truth: Int, prediction: Int) {
    precondition(truth < confusionClasses && prediction < confusionClasses, "class \(truth) of \(confusionClasses)")
    unsafe values.pointer[gradientCount + confusionLane + truth * confusionClasses + prediction] += 1
  }
}
