internal import CMPI

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Numbers that stand once in the memory of each host and that all its ranks read. Nobody changes them.
///
/// ``Communicator/share(count:fill:)`` makes them. Any thread may read them, as long as MPI runs or longer.
@safe
public final class SharedMemory: @unchecked Sendable {
  /// How many numbers there are.
  public let count: Int
  /// At a cache line; valid as long as this object lives.
  @usableFromInline let start: UnsafePointer<Float>
  /// What keeps the memory; nil if this object owns it.
  private let window: SharedWindow?

  /// From this size on, in bytes, memory is in huge pages where the system has them: with 6 million shuffled events a step
  /// of 32 takes 9.5 µs instead of 10.0, as fewer of them need a page walk.
  private static let hugePage = 1 << 21

  /// Memory of this process alone, without MPI. `fill` must set every number.
  public convenience init(count: Int, fill: (inout MutableSpan<Float>) -> Void) {
    // Nothing reads it before `fill` has written it; deinit frees it.
    let byteCount = count * MemoryLayout<Float>.stride
    let isLarge = byteCount >= Self.hugePage
    let start = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, byteCount), alignment: isLarge ? Self.hugePage : SharedWindow.alignment)
    #if os(Linux)
      // Says which pages to prefer for this memory, no more; where there are none, nothing changes.
      if isLarge { _ = unsafe madvise(start, byteCount, MADV_HUGEPAGE) }
    #endif
    unsafe self.init(count: count, start, window: nil)
    write(fill)
  }

  fileprivate init(count: Int, _ start: UnsafeMutableRawPointer, window: SharedWindow?) {
    self.count = count
    unsafe self.start = UnsafePointer(start.bindMemory(to: Float.self, capacity: count))
    self.window = window
  }

  deinit {
    if window == nil { unsafe UnsafeMutableRawPointer(mutating: start).deallocate() }
  }

  /// Lets `body` read all numbers.
  @inlinable
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // The object lives during the call, and the memory as long as the object.
    defer { extendLifetime(self) }
    return try body(unsafe Span(_unsafeStart: start, count: count))
  }

  /// Before anyone else has this object.
  fileprivate func write(_ fill: (inout MutableSpan<Float>) -> Void) {
    // The memory is writable, and no other span of it exists yet, in this process or another.
    var span = unsafe MutableSpan(_unsafeStart: UnsafeMutablePointer(mutating: start), count: count)
    fill(&span)
  }

  /// The numbers as bytes, for MPI to fill in.
  fileprivate var bytes: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(mutating: start) }
}

extension Communicator {
  /// `count` numbers that `fill` writes on rank 0, all of them, and that all ranks then read: one copy per host.
  ///
  /// All ranks call it with the same count. One rank of each host receives the numbers, in pieces. A rank that has its
  /// host to itself has them in memory of its own. The C functions are those of ``splitByHost()``, ``split(color:)``,
  /// `MPI_Win_allocate_shared`, `MPI_Bcast` and `MPI_Barrier`.
  ///
  /// - Throws: ``MemoryShortage`` on all ranks if a host has no room, before anything is taken; `MPIError`.
  public func share(count: Int, fill: (inout MutableSpan<Float>) -> Void) throws -> SharedMemory {
    try share(count: count, ranksPerHost: nil, fill: fill)
  }

  /// The same as if a host had at most `ranksPerHost` ranks: for tests of several hosts on one.
  package func share(
    count: Int, ranksPerHost: Int?, fill: (inout MutableSpan<Float>) -> Void
  ) throws -> SharedMemory {
    guard size > 1 else { return SharedMemory(count: count, fill: fill) }
    let groups = try splitIntoHosts(ranksPerHost: ranksPerHost)
    let byteCount = count * MemoryLayout<Float>.stride
    try requireRoom(byteCount: byteCount, groups.host)

    let memory: SharedMemory
    let window: SharedWindow?
    if groups.host.size > 1 {
      let made = try SharedWindow(byteCount: byteCount, groups.host)
      windows.append(made)
      window = made
      // As many bytes as the window was asked for.
      memory = unsafe SharedMemory(count: count, made.start, window: made)
    } else {
      window = nil
      memory = SharedMemory(count: count) { _ in }  // All of it is written below.
    }
    if isRoot { memory.write(fill) }
    if groups.host.isRoot, groups.leaders.size > 1, let leaders = unsafe groups.leaders.handle {
      // Nobody of the host reads before the barrier below.
      try check("MPI_Bcast", unsafe broadcast(memory.bytes, byteCount, from: 0, leaders))
    }
    try window?.synchronize(groups.host)
    return memory
  }

  /// Asks one rank of each host; all ranks throw what the first one without room says.
  private func requireRoom(byteCount: Int, _ host: borrowing Communicator) throws {
    let shortage = host.isRoot && host.size > 1 ? MemoryShortage(byteCount: byteCount, ranks: host.size) : nil
    for message in try allGather(Array((shortage?.description ?? "").utf8)) where !message.isEmpty {
      throw MemoryShortage(description: String(decoding: message, as: UTF8.self))
    }
  }
}
