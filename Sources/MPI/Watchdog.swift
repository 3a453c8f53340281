import Machine
import Synchronization

/// Ends a rank that waits too long: for a rank that is stopped, for a file system that hangs, for a link that is down.
///
/// MPI notices none of these. A thread of its own in every process wakes up once a second and sees whether anything has been
/// done since. It counts its own wake-ups, not the time: a job that was suspended and continues has not waited. After the limit
/// it prints which rank waits where on standard error, and exits with code 70; the launcher then ends the other
/// ranks. `MPI_Abort` is no way out, as only the main thread may call MPI.
///
/// It also ends a rank whose launcher is gone (killed with -9, `mpirun` leaves its ranks running), and requests a stop
/// when the time is up.
public final class Watchdog: Sendable {
  /// What a process is doing, and how long that may take without a sign of life.
  public enum Phase: UInt8, Sendable {
    /// MPI comes up, ranks find each other.
    case starting
    /// Rank 0 reads files.
    case reading
    /// The network and its memory are made.
    case preparing
    /// Steps.
    case training
    /// Evaluations.
    case evaluating
    /// Rank 0 writes files.
    case writing
    /// MPI goes down.
    case ending

    /// Whether the limit is the one for files.
    var isLong: Bool { self == .reading || self == .writing }
  }

  /// Seconds without progress after which a rank gives up: while files are read and written, and in everything else (`steps`).
  public static let defaultLimits = (steps: 300, files: 3600)

  // Where the process is. It trains one network at a time, so epoch and step are those of the process; the watchdog's thread and
  // that of status.json read them, and a communicator has them wherever it is lent.
  private let phase = Atomic<UInt8>(Phase.starting.rawValue)
  private let epoch = Atomic<Int>(0)
  private let step = Atomic<Int>(0)
  /// Changes with every sign of life.
  private let moves = Atomic<UInt64>(0)
  /// The rank that this one waits for, if it knows; else −1.
  private let awaited = Atomic<Int>(-1)
  private let stepsLimit = Atomic<Int>(Watchdog.defaultLimits.steps)
  private let filesLimit = Atomic<Int>(Watchdog.defaultLimits.files)
  /// When to note that the time is up, in seconds after the start of the machine.
  private let deadline = Atomic<Int>(.max)

  init() {}

  // MARK: Signs of life

  /// Another phase begins.
  public func enter(_ phase: Phase) {
    self.phase.store(phase.rawValue, ordering: .relaxed)
    move()
  }

  /// Runs `body` in another phase, then returns to the previous one.
  public func during<Result, Failure: Error>(
    _ phase: Phase, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let before = currentPhase
    enter(phase)
    defer { enter(before) }
    return try body()
  }

  /// An epoch begins, from 1.
  public func begin(epoch: Int) {
    self.epoch.store(epoch, ordering: .relaxed)
    move()
  }

  /// A step of the epoch begins, from 1.
  public func begin(step: Int) {
    self.step.store(step, ordering: .relaxed)
    move()
  }

  /// Reports progress.
  @inline(__always)
  public func move() {
    // A count that another thread overwrites is a sign of life all the same.
    moves.store(moves.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  /// What this process is doing.
  public var currentPhase: Phase { Phase(rawValue: phase.load(ordering: .relaxed)) ?? .starting }

  /// The epoch that was begun last, from 1, and the step; 0 before the first one.
  public var currentStep: (epoch: Int, step: Int) {
    (epoch.load(ordering: .relaxed), step.load(ordering: .relaxed))
  }

  /// The main thread waits for a rank of the job.
  func isWaiting(for rank: Int) { awaited.store(rank, ordering: .relaxed) }

  /// It no longer does.
  func stoppedWaiting() { awaited.store(-1, ordering: .relaxed) }

  // MARK: Settings

  /// Sets the limits in seconds without progress: while files are read and written, and in everything else (`steps`).
  public func setLimits(steps: Int, files: Int) {
    stepsLimit.store(steps, ordering: .relaxed)
    filesLimit.store(files, ordering: .relaxed)
  }

  /// Requests a stop when this process has existed for this many seconds.
  public func stopAfter(seconds: Int) {
    let (sum, overflows) = Self.processStart.addingReportingOverflow(seconds)
    deadline.store(overflows ? .max : sum, ordering: .relaxed)
  }

  /// When this process began, approximately.
  private static let processStart = secondsSinceBoot()

  /// Starts the thread. `rank` is this process's number in the job; `hasLauncher`: it ends with its parent.
  ///
  /// The corresponding C function is `pthread_create`.
  func start(rank: Int, hasLauncher: Bool) {
    _ = Self.processStart
    let watch = WatchdogThread(of: self, name: "rank \(rank)@\(hostName())", parent: hasLauncher ? getppid() : nil)
    // The thread takes over the reference, and lives as long as the process.
    let context = unsafe Unmanaged.passRetained(watch).toOpaque()
    var attributes = pthread_attr_t()
    var thread = pthread_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let code = unsafe pthread_create(
      &thread, &attributes,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<WatchdogThread>.fromOpaque(context).takeRetainedValue().run()
      }, context)
    unsafe pthread_attr_destroy(&attributes)
    // Without a thread to spare, the run continues unwatched: the launch scripts have a time limit of their own.
    if code != 0 { unsafe Unmanaged<WatchdogThread>.fromOpaque(context).release() }
  }

  /// Where the main thread is.
  fileprivate var position: WatchPosition {
    WatchPosition(
      phase: currentPhase, epoch: epoch.load(ordering: .relaxed), step: step.load(ordering: .relaxed),
      moves: moves.load(ordering: .relaxed), awaited: awaited.load(ordering: .relaxed))
  }

  fileprivate func limit(_ phase: Phase) -> Int {
    phase.isLong ? filesLimit.load(ordering: .relaxed) : stepsLimit.load(ordering: .relaxed)
  }

  fileprivate var isTimeUp: Bool { secondsSinceBoot() >= deadline.load(ordering: .relaxed) }
}

/// Where a rank is, for messages.
public struct WatchPosition: Equatable {
  public var phase: Watchdog.Phase
  public var epoch: Int
  public var step: Int
  public var moves: UInt64
  public var awaited: Int
  /// Whether there are other ranks.
  public var hasOthers: Bool

  public init(
    phase: Watchdog.Phase, epoch: Int = 0, step: Int = 0, moves: UInt64 = 0, awaited: Int = -1, hasOthers: Bool = true
  ) {
    self.phase = phase
    self.epoch = epoch
    self.step = step
    self.moves = moves
    self.awaited = awaited
    self.hasOthers = hasOthers
  }

  /// The message after this many seconds without progress.
  public func stall(seconds: Int) -> String {
    let place =
      switch phase {
      case .starting: "at the start"
      case .reading: "while rank 0 reads files"
      case .preparing: "before the first step"
      case .training: "in epoch \(epoch), step \(step)"
      case .evaluating: "in the evaluation after epoch \(epoch)"
      case .writing: "while rank 0 writes files"
      case .ending: "at the end"
      }
    let culprit = awaited >= 0 ? ", waiting for rank \(awaited): it" : ": another rank"
    let reason = hasOthers ? "\(culprit), its host, a file system or the network" : ": this host or a file system"
    let key = phase.isLong ? "safety.watchdog_files" : "safety.watchdog"
    // Before the run file is read, only the defaults apply.
    let advice =
      phase == .starting
      ? "start it elsewhere" : "resume the run elsewhere, or raise \(key) if this may take so long"
    return "no progress for \(seconds) s \(place)\(reason) is stuck; \(advice)"
  }
}

/// How long nothing has happened, in wake-ups of the thread.
public struct Idleness {
  private var last: WatchPosition?
  private var wakeUps = 0

  public init() {}

  /// The wake-ups since `position` was last another one.
  public mutating func wakeUp(_ position: WatchPosition) -> Int {
    if position.moves == last?.moves { wakeUps += 1 } else { wakeUps = 0 }
    last = position
    return wakeUps
  }

  /// Ranks that know which rank they wait for report first, so that the first line names it.
  public static let graceForNamedWaits = 3
}

/// The thread.
private final class WatchdogThread {
  private let watchdog: Watchdog
  private let name: String
  private let parent: pid_t?

  init(of watchdog: Watchdog, name: String, parent: pid_t?) {
    self.watchdog = watchdog
    self.name = name
    self.parent = parent
  }

  func run() -> Never {
    var idleness = Idleness()
    while true {
      sleepOneSecond()
      if let parent, getppid() != parent { leave("the launcher is gone; resume the run") }
      if watchdog.isTimeUp { StopRequest.note(.timeIsUp) }
      var position = watchdog.position
      position.hasOthers = parent != nil
      let idle = idleness.wakeUp(position)
      // The limit may be the largest number.
      let grace = position.awaited < 0 ? Idleness.graceForNamedWaits : 0
      if idle - grace >= watchdog.limit(position.phase) { leave(position.stall(seconds: idle)) }
    }
  }

  private func sleepOneSecond() {
    var left = timespec(tv_sec: 1, tv_nsec: 0)
    var rest = timespec()
    // Both are filled in during the call alone. A signal that one of our handlers took ends the sleep early.
    while unsafe nanosleep(&left, &rest) != 0 { left = rest }
  }

  private func leave(_ reason: String) -> Never {
    let line = Array("dist-train: \(name): \(reason)\n".utf8)
    // If nobody reads the output, SIGALRM ends the process all the same.
    signal(SIGALRM, SIG_DFL)
    alarm(5)
    UnfinishedFile.remove()
    // One call, so that the lines of several ranks do not mix. The process ends, whatever becomes of it.
    _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    _exit(ExitCode.internalError.rawValue)
  }
}
