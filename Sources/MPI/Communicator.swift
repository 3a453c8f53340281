import CMPI
import Machine

/// A group of ranks that communicate with each other.
///
/// It cannot be copied, is borrowed from the ``MPISession`` that owns it, and so cannot outlive MPI. Every operation is collective
/// over the communicator. With one rank nothing is sent, and MPI is not needed.
@safe
public struct Communicator: ~Copyable {
  /// This process's number, 0 ..< size.
  public let rank: Int
  /// How many ranks there are.
  public let size: Int
  /// nil where MPI was not started.
  let handle: MPI_Comm?
  /// Bytes or elements in one call of MPI, whose counts are 32-bit.
  let chunk: Int
  /// The windows that were made through this communicator or those it was split into.
  let windows: WindowList
  /// Ends this process if others keep it waiting. It is notified of every completed collective.
  public let watchdog: Watchdog
  private let isOwned: Bool

  /// Whether this is rank 0, which reads, decides and reports.
  public var isRoot: Bool { rank == 0 }

  /// One rank alone, without MPI.
  public static func solo() -> Communicator {
    solo(Watchdog())
  }

  static func solo(_ watchdog: Watchdog) -> Communicator {
    unsafe Communicator(
      rank: 0, size: 1, handle: nil, chunk: defaultChunk, windows: WindowList(), watchdog: watchdog, isOwned: false)
  }

  /// Elements in one call of MPI.
  public static let defaultChunk = 1 << 28

  private init(
    rank: Int, size: Int, handle: MPI_Comm?, chunk: Int, windows: WindowList, watchdog: Watchdog, isOwned: Bool
  ) {
    self.rank = rank
    self.size = size
    unsafe self.handle = unsafe handle
    self.chunk = chunk
    self.windows = windows
    self.watchdog = watchdog
    self.isOwned = isOwned
  }

  /// The corresponding C functions are `MPI_Comm_set_errhandler`, `MPI_Comm_rank` and `MPI_Comm_size`.
  init(
    _ handle: MPI_Comm, chunk: Int = defaultChunk, windows: WindowList = WindowList(), watchdog: Watchdog,
    isOwned: Bool = false
  ) throws(MPIError) {
    var rank: Int32 = 0
    var size: Int32 = 0
    try check("MPI_Comm_set_errhandler", unsafe MPI_Comm_set_errhandler(handle, shim_errors_return()))
    try check("MPI_Comm_rank", unsafe MPI_Comm_rank(handle, &rank))
    try check("MPI_Comm_size", unsafe MPI_Comm_size(handle, &size))
    unsafe self.init(
      rank: Int(rank), size: Int(size), handle: handle, chunk: chunk, windows: windows, watchdog: watchdog,
      isOwned: isOwned)
  }

  deinit {
    guard isOwned, let handle = unsafe handle else { return }
    var isOver: Int32 = 0
    // The one call that is allowed after MPI_Finalize, which has freed everything.
    guard unsafe MPI_Finalized(&isOver) == MPI_SUCCESS, isOver == 0 else { return }
    _ = unsafe shim_comm_free(handle)  // A failure here has no remedy, and nothing depends on it.
  }

  /// Replaces the values of every rank by the sum over all ranks. Allocates nothing. For sums that are made again and
  /// again, ``makeSum(byteCount:)`` is faster on one host.
  ///
  /// The order in which ranks are added is MPI's choice. The corresponding C function is `MPI_Allreduce` with `MPI_SUM`.
  /// - Collective: every rank of the communicator calls it, with the same number of values.
  public func sumInPlace(_ values: inout MutableSpan<Double>) throws(MPIError) {
    let code = unsafe values.withUnsafeMutableBufferPointer { unsafe sum($0, shim_double()) }
    try check("MPI_Allreduce", code)
    watchdog.move()
  }

  /// The same for float32, whose sums depend on the order of adding.
  public func sumInPlace(_ values: inout MutableSpan<Float>) throws(MPIError) {
    let code = unsafe values.withUnsafeMutableBufferPointer { unsafe sum($0, shim_float()) }
    try check("MPI_Allreduce", code)
    watchdog.move()
  }

  private func sum<Number>(_ values: UnsafeMutableBufferPointer<Number>, _ type: MPI_Datatype) -> Int32 {
    guard size > 1, let handle = unsafe handle else { return MPI_SUCCESS }
    for first in stride(from: 0, to: values.count, by: chunk) {
      let code = unsafe MPI_Allreduce(
        shim_in_place(), values.baseAddress.map { unsafe $0 + first }, Int32(min(chunk, values.count - first)), type,
        shim_sum(), handle)
      guard code == MPI_SUCCESS else { return code }
    }
    return MPI_SUCCESS
  }

  /// Gives all ranks what `root` has; the others' `values` may have any length before.
  ///
  /// Holds no second copy: the root sends from its storage, the others receive into theirs. After an error the values are
  /// unspecified. The corresponding C function is `MPI_Bcast`.
  /// - Collective: every rank of the communicator calls it, with the same `root`.
  public func broadcast<Element: BitwiseCopyable>(_ values: inout [Element], from root: Int) throws(MPIError) {
    guard size > 1, let handle = unsafe handle else { return }
    var count = Int64(values.count)
    try check("MPI_Bcast", unsafe MPI_Bcast(&count, 1, shim_int64(), Int32(root), handle))
    let code: Int32
    if rank == root {
      // Read only, so an array whose storage is shared is not copied.
      code = unsafe values.withUnsafeBytes { bytes in
        unsafe broadcast(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, from: root, handle)
      }
    } else {
      if values.count != count {
        values = []  // Frees the old storage before the new one is taken.
        values = unsafe [Element](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
          // MPI fills all of it below; elements are plain bytes.
          unsafe UnsafeMutableRawBufferPointer(buffer).initializeMemory(as: UInt8.self, repeating: 0)
          initialized = Int(count)
        }
      }
      code = unsafe values.withUnsafeMutableBytes { bytes in
        unsafe broadcast(bytes.baseAddress, bytes.count, from: root, handle)
      }
    }
    try check("MPI_Bcast", code)
  }

  func broadcast(_ start: UnsafeMutableRawPointer?, _ count: Int, from root: Int, _ handle: MPI_Comm) -> Int32 {
    for first in stride(from: 0, to: count, by: chunk) {
      let part = Int32(min(chunk, count - first))
      let code = unsafe MPI_Bcast(start.map { unsafe $0 + first }, part, shim_byte(), Int32(root), handle)
      guard code == MPI_SUCCESS else { return code }
      watchdog.move()
    }
    return MPI_SUCCESS
  }

  /// The bytes of every rank, in the order of the ranks, on every rank.
  ///
  /// The corresponding C functions are `MPI_Allgather` and `MPI_Allgatherv`.
  /// - Collective: every rank of the communicator calls it.
  public func allGather(_ bytes: [UInt8]) throws(MPIError) -> [[UInt8]] { try gather(bytes, toAll: true) }

  /// The bytes of every rank, in the order of the ranks, on rank 0; nothing on the others.
  ///
  /// Rank 0 holds all of them once, and a call of MPI moves at most a chunk. The corresponding C functions are `MPI_Allgather`
  /// (all have to know in how many calls the longest part goes) and `MPI_Gatherv`.
  /// - Collective: every rank of the communicator calls it.
  public func gatherToRoot(_ bytes: [UInt8]) throws(MPIError) -> [[UInt8]] { try gather(bytes, toAll: false) }

  private func gather(_ bytes: [UInt8], toAll: Bool) throws(MPIError) -> [[UInt8]] {
    guard size > 1, let handle = unsafe handle else { return [bytes] }
    var length = Int64(bytes.count)
    var lengths = [Int64](repeating: 0, count: size)
    try check("MPI_Allgather", unsafe MPI_Allgather(&length, 1, shim_int64(), &lengths, 1, shim_int64(), handle))
    let receives = toAll || isRoot
    var gathered = [[UInt8]](repeating: [], count: receives ? size : 0)
    // Every rank gives one part a round, so that the 32-bit offsets of a round hold whatever the lengths are.
    let part = max(1, chunk / size)
    for first in stride(from: 0, to: Int(lengths.max() ?? 0), by: part) {
      let counts = lengths.map { Int32(max(0, min(part, Int($0) - first))) }
      var offsets: [Int32] = []
      var total: Int32 = 0
      for count in counts {
        offsets.append(total)
        total += count
      }
      let mine = first == 0 && bytes.count <= part ? bytes : Array(bytes.dropFirst(first).prefix(part))
      var round = [UInt8](repeating: 0, count: receives ? Int(total) : 0)
      if toAll {
        try check(
          "MPI_Allgatherv",
          unsafe MPI_Allgatherv(mine, counts[rank], shim_byte(), &round, counts, offsets, shim_byte(), handle))
      } else {
        try check(
          "MPI_Gatherv",
          unsafe MPI_Gatherv(mine, counts[rank], shim_byte(), &round, counts, offsets, shim_byte(), 0, handle))
      }
      watchdog.move()
      guard receives else { continue }
      for sender in 0..<size { gathered[sender] += round[Int(offsets[sender])..<Int(offsets[sender] + counts[sender])] }
    }
    return gathered
  }

  /// Waits until every rank has arrived.
  ///
  /// The corresponding C function is `MPI_Barrier`.
  /// - Collective: every rank of the communicator calls it.
  public func barrier() throws(MPIError) {
    guard size > 1, let handle = unsafe handle else { return }
    try check("MPI_Barrier", unsafe MPI_Barrier(handle))
    watchdog.move()
  }

  /// Waits as ``barrier()`` does, but sleeps meanwhile: for long work of others that uses this rank's CPU. Returns late by up to
  /// a millisecond for each of its log₂(ranks) rounds, less after a short wait.
  ///
  /// The corresponding C functions are `MPI_Ibarrier` and `MPI_Test`.
  /// - Collective: every rank of the communicator calls it.
  public func barrierAsleep() throws(MPIError) {
    guard size > 1, let handle = unsafe handle else { return }
    let start = monotonicNanoseconds()
    var made = unsafe shim_ibarrier(handle)
    try check("MPI_Ibarrier", unsafe made.code)
    var isDone: Int32 = 0
    while true {
      try check("MPI_Test", unsafe shim_test(&made.request, &isDone))
      if isDone != 0 { break }
      sleep(microseconds: UInt32(min(1000, (monotonicNanoseconds() - start) / 8000)))
    }
    watchdog.move()
  }

  /// The same ranks in a separate communicator whose calls move at most `chunk` elements: for tests of the chunking.
  ///
  /// The corresponding C function is `MPI_Comm_dup`.
  public func duplicate(chunk: Int) throws(MPIError) -> Communicator {
    guard let handle = unsafe handle else { return .solo(watchdog) }
    let copy = unsafe shim_comm_dup(handle)
    try check("MPI_Comm_dup", unsafe copy.code)
    return try unsafe Communicator(
      copy.communicator, chunk: chunk, windows: windows, watchdog: watchdog, isOwned: true)
  }

  /// Ends all ranks with `code`; for an error that the others do not know of. One rank is enough.
  ///
  /// The corresponding C function is `MPI_Abort`.
  public func abort(code: Int32) {
    if let handle = unsafe handle { unsafe MPI_Abort(handle, code) }
    exit(code)
  }
}
