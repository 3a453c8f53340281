import CMPI
import Machine

/// Bytes of which each host has one copy in memory, for all its ranks to read. They never change.
///
/// ``Communicator/share(byteCount:fill:)`` makes them. Any thread may read them, as long as MPI runs or longer.
// Unchecked: the compiler cannot see that nobody writes through the pointer once another thread or rank has this object.
@safe
public final class SharedMemory: @unchecked Sendable {
  public let byteCount: Int
  /// At a cache line; valid as long as this object lives.
  @usableFromInline let start: UnsafeRawPointer
  /// What keeps the memory; nil if this object owns it.
  private let window: SharedWindow?

  /// From this size on, in bytes, memory is in huge pages where the system has them: with 6 million shuffled events a step
  /// of 32 takes 9.5 µs instead of 10.0, as fewer of them need a page walk.
  private static let hugePage = 1 << 21

  /// Memory of this process alone, without MPI. `fill` must set every byte.
  public convenience init(byteCount: Int, fill: (inout Contents) -> Void) {
    // Nothing reads it before `fill` has written it; deinit frees it.
    let isLarge = byteCount >= Self.hugePage
    let start = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, byteCount), alignment: isLarge ? Self.hugePage : SharedWindow.alignment)
    if isLarge { unsafe preferHugePages(UnsafeMutableRawBufferPointer(start: start, count: byteCount)) }
    unsafe self.init(byteCount: byteCount, start, window: nil)
    write(fill)
  }

  fileprivate init(byteCount: Int, _ start: UnsafeMutableRawPointer, window: SharedWindow?) {
    self.byteCount = byteCount
    unsafe self.start = UnsafeRawPointer(start)
    self.window = window
  }

  deinit {
    if window == nil { unsafe bytes.deallocate() }
  }

  /// Lets `body` read `count` numbers from byte `offset` on, a multiple of their size; all lie in the memory.
  @inlinable
  public func withSpan<Element: Numeric & BitwiseCopyable, Result, Failure: Error>(
    of: Element.Type, at offset: Int, count: Int, _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    requireRange(of: Element.self, at: offset, count: count, in: byteCount)
    // The object lives during the call, and the memory as long as the object.
    defer { extendLifetime(self) }
    return try body(unsafe Span(_unsafeStart: start + offset, byteCount: count &* MemoryLayout<Element>.stride))
  }

  /// The bytes while they are written: rank 0 has them until its `fill` returns. Nobody can make one or keep it.
  @safe
  public struct Contents: ~Copyable {
    public let byteCount: Int
    @usableFromInline let start: UnsafeMutableRawPointer

    fileprivate init(_ memory: SharedMemory) {
      byteCount = memory.byteCount
      unsafe start = memory.bytes
    }

    /// Lets `body` write `count` numbers from byte `offset` on, a multiple of their size; all lie in the memory.
    @inlinable
    public mutating func withMutableSpan<Element: Numeric & BitwiseCopyable, Result, Failure: Error>(
      of: Element.Type, at offset: Int, count: Int, _ body: (inout MutableSpan<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      requireRange(of: Element.self, at: offset, count: count, in: byteCount)
      // The memory is writable and lives during the call; no other span of it exists, as this one is exclusive.
      var span = unsafe MutableSpan<Element>(
        _unsafeStart: start + offset, byteCount: count &* MemoryLayout<Element>.stride)
      return try body(&span)
    }
  }

  /// Before anyone else has this object.
  fileprivate func write(_ fill: (inout Contents) -> Void) {
    var contents = Contents(self)
    fill(&contents)
  }

  /// For `fill` or MPI to write.
  fileprivate var bytes: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(mutating: start) }
}

/// Ends the program unless `count` elements at byte `offset` lie in `byteCount` bytes, aligned as the memory itself is.
@inlinable
func requireRange<Element>(of: Element.Type, at offset: Int, count: Int, in byteCount: Int) {
  precondition(
    offset >= 0 && offset <= byteCount && offset.isMultiple(of: MemoryLayout<Element>.alignment) && count >= 0
      && count <= (byteCount - offset) / MemoryLayout<Element>.stride,
    "\(count) elements at byte \(offset) of \(byteCount)")
}

extension Communicator {
  /// `byteCount` bytes that `fill` writes on rank 0, all of them, and that all ranks then read: one copy per host.
  ///
  /// The other ranks sleep while rank 0 writes. One rank of each host receives the bytes, in pieces. A rank that has its host to itself has them in memory of its own.
  /// - Collective: every rank of the communicator calls it, with the same size. The C functions are those of
  ///   ``splitByHost()``, ``split(color:)``, `MPI_Win_allocate_shared`, ``barrierAsleep()``, `MPI_Bcast` and `MPI_Barrier`.
  /// - Throws: ``MemoryShortage`` on all ranks if a host has no room, before anything is taken; `MPIError`.
  public func share(byteCount: Int, fill: (inout SharedMemory.Contents) -> Void) throws -> SharedMemory {
    try share(byteCount: byteCount, ranksPerHost: nil, fill: fill)
  }

  /// The same as if a host had at most `ranksPerHost` ranks: for tests of several hosts on one.
  public func share(
    byteCount: Int, ranksPerHost: Int?, fill: (inout SharedMemory.Contents) -> Void
  ) throws -> SharedMemory {
    guard size > 1 else { return SharedMemory(byteCount: byteCount, fill: fill) }
    let groups = try splitIntoHosts(ranksPerHost: ranksPerHost)
    try requireRoom(byteCount: byteCount, groups.host)

    let memory: SharedMemory
    let window: SharedWindow?
    if groups.host.size > 1 {
      let made = try SharedWindow(byteCount: byteCount, groups.host)
      windows.append(made)
      window = made
      // As many bytes as the window was asked for.
      memory = unsafe SharedMemory(byteCount: byteCount, made.start, window: made)
    } else {
      window = nil
      memory = SharedMemory(byteCount: byteCount) { _ in }  // All of it is written below.
    }
    if isRoot { memory.write(fill) }
    try barrierAsleep()
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
