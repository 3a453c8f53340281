import Machine

/// Where the time of steps went, in nanoseconds, added up over steps.
public struct StepPhases: Sendable {
  /// A part of a step.
  public enum Phase: Sendable {
    /// Events are copied into a block.
    case gather
    /// From the features to the loss.
    case forward
    /// From the loss to the block's gradient.
    case backward
    /// The block's gradient is rounded and added to the worker's sums.
    case rounding
    /// All that the workers of a rank do, from their start until their sums are one.
    case region
    /// The sums of the ranks become one.
    case allreduce
  }

  // Of these four, the mean over the workers that had work in the step.
  public var gather = 0.0
  public var forward = 0.0
  public var backward = 0.0
  public var rounding = 0.0
  /// The rank's time for the four above, their readings of the clock included.
  public var region = 0.0
  /// The rank's time, waiting for others included.
  public var allreduce = 0.0
  /// The number of clock readings within the region (mean over the workers), and outside.
  public var readings = (inRegion: 0.0, outside: 0.0)

  public init() {}

  /// Adds nanoseconds to a phase.
  mutating func add(_ nanoseconds: Double, to phase: Phase) {
    switch phase {
    case .gather: gather += nanoseconds
    case .forward: forward += nanoseconds
    case .backward: backward += nanoseconds
    case .rounding: rounding += nanoseconds
    case .region: region += nanoseconds
    case .allreduce: allreduce += nanoseconds
    }
  }

  /// Adds the share of one of `workers` workers.
  mutating func add(_ worker: StepPhases, of workers: Int) {
    let share = 1 / Double(workers)
    gather += worker.gather * share
    forward += worker.forward * share
    backward += worker.backward * share
    rounding += worker.rounding * share
    readings.inRegion += worker.readings.outside * share
  }
}

/// A clock that is read between the phases of a step, if it is on.
///
/// Reading it costs some 20 ns (`clock_gettime`); a phase is given without that, as `cost` estimates it.
public struct PhaseClock: Sendable {
  /// Whether it measures. Off, it costs a branch.
  public private(set) var isOn: Bool
  /// What it has measured.
  public var phases = StepPhases()
  private let cost: Double
  private var last: UInt64 = 0

  /// A clock one reading of which costs this many nanoseconds; nil for one that is off.
  public init(cost: Double?) {
    isOn = cost != nil
    self.cost = cost ?? 0
  }

  /// Begins the next phase here.
  @inline(__always)
  public mutating func start() {
    if isOn { restart() }
  }

  /// Ends a phase here and begins the next one.
  @inline(__always)
  public mutating func lap(_ phase: StepPhases.Phase) {
    if isOn { finish(phase) }
  }

  @inline(never)
  private mutating func restart() {
    phases.readings.outside += 1
    last = monotonicNanoseconds()
  }

  @inline(never)
  private mutating func finish(_ phase: StepPhases.Phase) {
    let now = monotonicNanoseconds()
    phases.readings.outside += 1
    phases.add(max(0, Double(now &- last) - cost), to: phase)
    last = now
  }

  /// What one lap costs here, in nanoseconds: the best of 20 rounds of 1,000.
  public static func measureCost() -> Double {
    var clock = PhaseClock(cost: 0)
    var best = Double.infinity
    for _ in 0..<20 {
      let start = monotonicNanoseconds()
      for _ in 0..<1000 { clock.lap(.gather) }
      best = min(best, Double(monotonicNanoseconds() &- start) / 1000)
    }
    return best
  }
}
