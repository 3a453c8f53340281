import Dispatch
import Synchronization

/// Threads that stay together from one piece of work to the next: the caller, number 0, and helpers that Dispatch runs.
///
/// A helper that has not started is never waited for: whoever is free takes the next index, the caller included, so a helper
/// that wakes late or finds no CPU costs nothing. A helper without work polls for 150 µs, then sleeps.
public final class ThreadTeam {
  /// Threads, the caller included.
  public let threads: Int
  private let queue: WorkQueue

  /// A team of `threads` threads; they start polling for work.
  public init(threads: Int) {
    precondition(threads > 0 && threads <= Ticket.most, "\(threads) threads")
    self.threads = threads
    queue = WorkQueue(helpers: threads - 1)
    for index in 1..<threads {
      // A queue of its own gets a thread of its own, however many CPUs Dispatch sees; 255 in a process.
      DispatchQueue(label: "dist-train.thread-\(index)").async { [queue] in queue.help(as: index) }
    }
  }

  /// The helpers leave by themselves; they hold nothing but the queue.
  deinit { queue.dismiss() }

  /// Calls `body` once for every index in 0 ..< count, on up to `threads` threads at once: with the index and with the number
  /// of the thread, below `threads`. The caller takes index 0. Returns when all calls have.
  ///
  /// All calls see what was written before, and what they write is visible afterwards. One caller at a time.
  public func run(_ count: Int, threads: Int, _ body: (_ index: Int, _ thread: Int) -> Void) {
    let active = min(threads, self.threads, count)
    guard active > 1 else {
      for index in 0..<count { body(index, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      // Outlives the call of `lead`, which returns when no helper uses it any more.
      unsafe withUnsafePointer(to: body) { unsafe queue.lead(count, threads: active, $0) }
    }
  }
}

/// The work available: the indices that are left, and how many threads may take them.
private struct Ticket: RawRepresentable, AtomicRepresentable {
  var rawValue: UInt64

  static let most = 0xFFFF_FFFE
  static let nothing = Ticket(left: 0, threads: 0)
  /// The end of the team.
  static let dismissal = Ticket(left: 0, threads: most + 1)

  init(rawValue: UInt64) { self.rawValue = rawValue }
  init(left: Int, threads: Int) { rawValue = UInt64(threads) << 32 | UInt64(left) }

  var left: Int { Int(rawValue & 0xFFFF_FFFF) }
  var threads: Int { Int(rawValue >> 32) }
}

/// Synchronises a team's threads.
///
/// `body` and `count` are plain memory. The caller writes them before it stores a ticket, and a helper reads them after it has
/// taken an index by an exchange that succeeded on this ticket or one made from it by other exchanges: a release sequence,
/// so what was written before the ticket is seen. The caller changes them again only after `unfinished` is zero, and every thread
/// takes off what it has done after its last use of them: again release and acquire. A thread that took no index
/// touches nothing but `ticket`. All these orderings are sequentially consistent, which is release and acquire and
/// moreover what ``Waiter`` demands; on x86-64 the exchanges cost the same.
@safe
private final class WorkQueue: @unchecked Sendable {
  typealias Body = (_ index: Int, _ thread: Int) -> Void

  private let ticket = Atomic(Ticket.nothing)
  private let unfinished = Atomic(0)
  private var body: UnsafePointer<Body>?
  private var count = 0
  private let caller = Waiter()
  private let waiters: [Waiter]

  init(helpers: Int) {
    waiters = (0..<helpers).map { _ in Waiter() }
  }

  /// The caller's part.
  func lead(_ count: Int, threads: Int, _ body: UnsafePointer<Body>) {
    precondition(count <= Int(UInt32.max), "\(count) indices")
    unsafe self.body = body
    self.count = count
    unfinished.store(count, ordering: .relaxed)
    ticket.store(Ticket(left: count - 1, threads: threads), ordering: .sequentiallyConsistent)
    for index in 0..<threads - 1 { waiters[index].wake() }
    finish(takeAll(as: 0, first: 0))
    caller.wait { unfinished.load(ordering: .sequentiallyConsistent) == 0 }
  }

  /// The loop of a helper.
  func help(as thread: Int) {
    while true {
      waiters[thread - 1].wait {
        let ticket = ticket.load(ordering: .sequentiallyConsistent)
        return ticket.threads > thread && (ticket.left > 0 || ticket.rawValue == Ticket.dismissal.rawValue)
      }
      if ticket.load(ordering: .relaxed).rawValue == Ticket.dismissal.rawValue { return }
      let taken = takeAll(as: thread)
      if taken > 0 { finish(taken) }
    }
  }

  /// Ends the helpers.
  func dismiss() {
    ticket.store(.dismissal, ordering: .sequentiallyConsistent)
    for waiter in waiters { waiter.wake() }
  }

  /// Takes `first`, or what there is, and more until nothing is left; returns how many indices that were.
  ///
  /// Not inlined: what it holds of `body` is released before it returns, and so before the caller may go on.
  @inline(never)
  private func takeAll(as thread: Int, first: Int? = nil) -> Int {
    guard var index = first ?? take(as: thread), let body = unsafe body?.pointee else { return 0 }
    var taken = 0
    while true {
      body(index, thread)
      taken += 1
      guard let next = take(as: thread) else { return taken }
      index = next
    }
  }

  /// Takes an index if there is one for this thread.
  private func take(as thread: Int) -> Int? {
    var current = ticket.load(ordering: .relaxed)
    while current.left > 0 && current.threads > thread {
      let (exchanged, original) = ticket.compareExchange(
        expected: current, desired: Ticket(left: current.left - 1, threads: current.threads),
        ordering: .sequentiallyConsistent)
      if exchanged { return count - current.left }
      current = original
    }
    return nil
  }

  private func finish(_ taken: Int) {
    let (_, left) = unfinished.subtract(taken, ordering: .sequentiallyConsistent)
    if left == 0 { caller.wake() }
  }
}
