import CMPI
import CProcessor
import Machine

/// Memory in which the ranks of a host add their numbers, and the flags by which they take turns there.
///
/// The window holds, one after the other, a flag per rank (each with cache lines of its own, where its number in the job
/// stands too), a slot per rank where it puts a piece of its numbers for the others, and the sums. Every operation is
/// collective over the ranks of the host.
@safe
struct HostExchange: ~Copyable {
  let rank: Int
  private let size: Int
  private let slotBytes: Int
  /// Keeps the memory.
  private let window: SharedWindow
  /// How many times the ranks have synchronised.
  private var meetings: UInt64
  /// Turns of waiting after which a rank lets others have its CPU: none if there are more ranks or threads than CPUs, else some ms, as
  /// an unrelated process could hold the CPU just as long.
  private let patience: Int

  /// Turns of waiting after which the watchdog learns for whom; a multiple of 256.
  private static let longWait = 0x1000
  /// A flag is alone in two cache lines, as CPUs fetch them in pairs.
  private static let flagBytes = 128

  /// What the window of a host takes for sums of `byteCount` bytes, kept all at once or piece by piece.
  static func bytes(_ byteCount: Int, _ host: borrowing Communicator, keepsAll: Bool) -> Int {
    let slot = slotBytes(byteCount)
    return host.size * (flagBytes + slot) + (keepsAll ? byteCount : slot)
  }

  private static func slotBytes(_ byteCount: Int) -> Int {
    (min(byteCount, RankSum.pieceBytes) + SharedWindow.alignment - 1) & ~(SharedWindow.alignment - 1)
  }

  /// All ranks of `host` call it with the same values.
  static func make(
    byteCount: Int, _ host: borrowing Communicator, worldRank: Int, keepsAll: Bool, windows: WindowList
  ) throws(MPIError) -> HostExchange {
    let window = try SharedWindow(byteCount: bytes(byteCount, host, keepsAll: keepsAll), host)
    windows.append(window)
    let exchange = HostExchange(window, rank: host.rank, size: host.size, slotBytes: slotBytes(byteCount))
    unsafe shim_store_release(exchange.flag(host.rank), 0)
    unsafe exchange.flag(host.rank)[1] = UInt64(worldRank)
    try window.synchronize(host)
    return exchange
  }

  private init(_ window: SharedWindow, rank: Int, size: Int, slotBytes: Int) {
    self.window = window
    self.rank = rank
    self.size = size
    self.slotBytes = slotBytes
    meetings = 0
    let isCrowded = size > LaunchEnvironment.allotment(LaunchEnvironment.currentVariables).count
    patience = isCrowded || LaunchEnvironment.yieldsWhenIdle ? 0 : 100_000
  }

  private func flag(_ rank: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe (window.start + rank * Self.flagBytes).assumingMemoryBound(to: UInt64.self)
  }

  private func slot(_ rank: Int) -> UnsafeMutableRawPointer {
    unsafe window.start + size * Self.flagBytes + rank * slotBytes
  }

  /// Where the sums stand.
  var sums: UnsafeMutableRawPointer { unsafe slot(size) }

  /// Waits until every rank of the host has arrived; all then see what each wrote before.
  ///
  /// It calls MPI now and then, which may have to progress a message that another rank waits for, and yields the CPU to other
  /// ranks. A rank that dies is handled by MPI, as in its collectives. The C function is `MPI_Iprobe`.
  ///
  /// The watchdog learns which rank it waits for, unless `knowsWhom` is false, as that rank itself may wait for another host.
  mutating func meet(_ communicator: borrowing Communicator, knowsWhom: Bool = true) throws(MPIError) {
    meetings &+= 1
    unsafe shim_store_release(flag(rank), meetings)
    for other in 0..<size {
      var turns = 0
      // No rank can be more than one synchronisation ahead.
      while unsafe shim_load_acquire(flag(other)) < meetings {
        turns &+= 1
        if turns > patience { sched_yield() } else { shim_pause() }
        if turns & 0xFF == 0, let handle = unsafe communicator.handle {
          try check("MPI_Iprobe", unsafe shim_progress(handle))
          // After some 50 µs, so that the usual waiting costs nothing.
          if turns == Self.longWait && knowsWhom { unsafe communicator.watchdog.isWaiting(for: Int(flag(other)[1])) }
        }
      }
      if turns >= Self.longWait { communicator.watchdog.stoppedWaiting() }
    }
  }

  /// Adds `count` numbers of each rank, at most a slot full, to `sums`, where they stand from number `first` on.
  ///
  /// Each rank adds a slice, to its own numbers those of the others in turn; that slice of `values` then holds sums too. A
  /// slot is written only after all have read it, as they have met since; sums only after all have met here, so a caller's
  /// copying of the last ones before that is safe.
  mutating func sum<Number: FloatingPoint & SIMDScalar & BitwiseCopyable>(
    _ values: UnsafeMutablePointer<Number>, count: Int, at first: Int, _ communicator: borrowing Communicator
  ) throws(MPIError) {
    let low = boundary(rank, count)
    let high = boundary(rank + 1, count)
    // The caller owns `count` values, and slots and sums have room for them; numbers are plain bytes.
    let mine = unsafe slot(rank).assumingMemoryBound(to: Number.self)
    unsafe mine.update(from: values, count: low)
    unsafe (mine + high).update(from: values + high, count: count - high)
    try meet(communicator)
    for other in 0..<size where other != rank {
      unsafe Self.add(slot(other).assumingMemoryBound(to: Number.self) + low, to: values + low, count: high - low)
    }
    // Through this rank's own memory: bulk copies to cache lines held by another CPU are faster than a loop's stores.
    unsafe (sums.assumingMemoryBound(to: Number.self) + first + low).update(from: values + low, count: high - low)
    try meet(communicator)
  }

  /// Copies the other ranks' slices of a piece's sums, at the start of `sums`, to `values`, which have this rank's.
  func copyOthersSums<Number: FloatingPoint & SIMDScalar & BitwiseCopyable>(
    to values: UnsafeMutablePointer<Number>, count: Int
  ) {
    let low = boundary(rank, count)
    let high = boundary(rank + 1, count)
    // The caller owns `count` values, and so many were summed.
    let sums = unsafe sums.assumingMemoryBound(to: Number.self)
    unsafe values.update(from: sums, count: low)
    unsafe (values + high).update(from: sums + high, count: count - high)
  }

  /// Copies `count` sums to `values`.
  func copySums<Number: FloatingPoint & SIMDScalar & BitwiseCopyable>(
    to values: UnsafeMutablePointer<Number>, count: Int
  ) {
    // The caller owns `count` values, and so many were summed.
    unsafe values.update(from: sums.assumingMemoryBound(to: Number.self), count: count)
  }

  /// The first number of a rank's slice: at a cache line, so that no two ranks write to the same one.
  private func boundary(_ rank: Int, _ count: Int) -> Int { rank == size ? count : count * rank / size & ~15 }

  private static func add<Number: FloatingPoint & SIMDScalar & BitwiseCopyable>(
    _ terms: UnsafePointer<Number>, to sums: UnsafeMutablePointer<Number>, count: Int
  ) {
    // Vectors by hand: the compiler does not see that the arrays do not overlap. Both types have plain bytes.
    let vectors = count & ~7
    for index in stride(from: 0, to: vectors, by: 8) {
      let term = unsafe UnsafeRawPointer(terms + index).loadUnaligned(as: SIMD8<Number>.self)
      let sum = unsafe UnsafeMutableRawPointer(sums + index)
      unsafe sum.storeBytes(of: sum.loadUnaligned(as: SIMD8<Number>.self) + term, as: SIMD8<Number>.self)
    }
    for index in vectors..<count { unsafe sums[index] += terms[index] }
  }
}
