import Synchronization

/// CPUs of a host.
public struct ProcessorSet: Equatable, Sendable {
  /// Their numbers on the host.
  public let cpus: [Int]
  /// How many of them may be busy at once.
  public let limit: Int

  public init(cpus: [Int], limit: Int) {
    self.cpus = cpus
    self.limit = limit
  }

  /// Lets ``concurrently(_:_:)`` use these CPUs while `body` runs, though this process may be bound to others: they are those of other
  /// processes of its job, which sleep meanwhile. CPUs that the system refuses are left out. For the main thread.
  ///
  /// `mpirun` binds each rank to a core of its own; what rank 0 does for all would have that one core, and the others nothing to do.
  public func lend<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let own = ProcessorAffinity.cpus()
    guard own.count < limit, !Set(cpus).isSubset(of: own), ProcessorAffinity.bind(to: own + cpus) else {
      return try body()
    }
    LentProcessors.threads.store(min(limit, ProcessorAffinity.cpus().count), ordering: .relaxed)
    defer {
      LentProcessors.threads.store(1, ordering: .relaxed)
      // The system allows the previous binding again.
      _ = ProcessorAffinity.bind(to: own)
    }
    return try body()
  }
}

/// Threads on CPUs that were lent: they begin with the work and end with it, as Dispatch would have no more of them than it saw CPUs
/// when the process began. A thread takes some 20 µs to start and the work milliseconds.
enum LentProcessors {
  /// How many threads work at once; 1: nothing is lent.
  static let threads = Atomic(1)
  private static let isBusy = Atomic(false)

  /// Runs `body` on them, unless nothing is lent. Calls nested in such a call, or concurrent with it, get no threads of their own.
  static func perform(_ count: Int, _ body: @Sendable (Int) -> Void) -> Bool {
    let threads = min(count, threads.load(ordering: .relaxed))
    guard threads > 1 else { return false }
    guard !isBusy.exchange(true, ordering: .acquiring) else {
      (0..<count).forEach(body)
      return true
    }
    defer { isBusy.store(false, ordering: .releasing) }
    withoutActuallyEscaping(body) { body in
      let work = Work(count, body)
      // They hold the work until they have ended, which is before `body` may not be called any more.
      let helpers = (1..<threads).compactMap { _ in startThread { work.takeAll() } }
      work.takeAll()
      for helper in helpers { pthread_join(helper, nil) }
    }
    return true
  }

  /// Numbers that threads take.
  private final class Work: Sendable {
    private let next = Atomic(0)
    private let count: Int
    private let body: @Sendable (Int) -> Void

    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.count = count
      self.body = body
    }

    func takeAll() {
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index)
      }
    }
  }
}

/// Starts a thread, which has the CPUs of this one; nil if there cannot be another.
private func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
  final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let start = unsafe Unmanaged.passRetained(Start(body))
  #if os(Linux)
    var thread = pthread_t()
  #else
    var thread: pthread_t?
  #endif
  // The thread takes over the reference.
  let code = unsafe pthread_create(
    &thread, nil,
    { argument in
      guard let argument = unsafe argument as UnsafeMutableRawPointer? else { return nil }
      unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, start.toOpaque())
  guard code == 0 else {
    unsafe start.release()
    return nil
  }
  return thread
}
