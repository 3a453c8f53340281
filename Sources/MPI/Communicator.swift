internal import CMPI

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A group of ranks that act together.
///
/// It cannot be copied, is lent by the ``MPISession`` that owns it, and so cannot outlive MPI. Every operation is collective:
/// all ranks of the communicator call it, in the same order. With one rank nothing is sent, and MPI is not needed.
@safe
public struct Communicator: ~Copyable {
  /// This process's number, 0 ..< size.
  public let rank: Int
  /// How many ranks there are.
  public let size: Int
  /// nil where MPI was not started.
  private let handle: MPI_Comm?
  /// Bytes or elements in one call of MPI, whose counts are 32-bit.
  private let chunk: Int
  private let isOwned: Bool

  /// Whether this is rank 0, which reads, decides and reports.
  public var isRoot: Bool { rank == 0 }

  /// One rank alone, without MPI.
  public static func solo() -> Communicator {
    unsafe Communicator(rank: 0, size: 1, handle: nil, chunk: defaultChunk, isOwned: false)
  }

  /// Elements in one call of MPI.
  package static let defaultChunk = 1 << 28

  private init(rank: Int, size: Int, handle: MPI_Comm?, chunk: Int, isOwned: Bool) {
    self.rank = rank
    self.size = size
    unsafe self.handle = unsafe handle
    self.chunk = chunk
    self.isOwned = isOwned
  }

  /// The corresponding C functions are `MPI_Comm_set_errhandler`, `MPI_Comm_rank` and `MPI_Comm_size`.
  init(_ handle: MPI_Comm, chunk: Int = defaultChunk, isOwned: Bool = false) throws(MPIError) {
    var rank: Int32 = 0
    var size: Int32 = 0
    try check("MPI_Comm_set_errhandler", unsafe MPI_Comm_set_errhandler(handle, shim_errors_return()))
    try check("MPI_Comm_rank", unsafe MPI_Comm_rank(handle, &rank))
    try check("MPI_Comm_size", unsafe MPI_Comm_size(handle, &size))
    unsafe self.init(rank: Int(rank), size: Int(size), handle: handle, chunk: chunk, isOwned: isOwned)
  }

  deinit {
    guard isOwned else { return }
    var handle = unsafe handle
    _ = unsafe MPI_Comm_free(&handle)  // Nothing can be done about a failure here, and nothing depends on it.
  }

  /// Replaces the values of every rank by the sum over all ranks. Allocates nothing.
  ///
  /// The order in which ranks are added is MPI's choice. The corresponding C function is `MPI_Allreduce` with `MPI_SUM`.
  public func sumInPlace(_ values: inout MutableSpan<Double>) throws(MPIError) {
    guard size > 1, let handle = unsafe handle else { return }
    var code = MPI_SUCCESS
    unsafe values.withUnsafeMutableBufferPointer { values in
      var first = 0
      while first < values.count && code == MPI_SUCCESS {
        let count = min(chunk, values.count - first)
        unsafe code = MPI_Allreduce(
          shim_in_place(), values.baseAddress.map { unsafe $0 + first }, Int32(count), shim_double(), shim_sum(), handle
        )
        first += count
      }
    }
    try check("MPI_Allreduce", code)
  }

  /// Gives all ranks what `root` has; the others' `values` may have any length before.
  ///
  /// The corresponding C function is `MPI_Bcast`.
  public func broadcast<Element: BitwiseCopyable>(_ values: inout [Element], from root: Int) throws(MPIError) {
    guard size > 1, let handle = unsafe handle else { return }
    var count = Int64(values.count)
    try check("MPI_Bcast", unsafe MPI_Bcast(&count, 1, shim_int64(), Int32(root), handle))
    if rank != root {
      values = unsafe [Element](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
        // MPI fills all of it below; elements are plain bytes.
        unsafe UnsafeMutableRawBufferPointer(buffer).initializeMemory(as: UInt8.self, repeating: 0)
        initialized = Int(count)
      }
    }
    var code = MPI_SUCCESS
    unsafe values.withUnsafeMutableBytes { bytes in
      var first = 0
      while first < bytes.count && code == MPI_SUCCESS {
        let count = min(chunk, bytes.count - first)
        unsafe code = MPI_Bcast(
          bytes.baseAddress.map { unsafe $0 + first }, Int32(count), shim_byte(), Int32(root), handle)
        first += count
      }
    }
    try check("MPI_Bcast", code)
  }

  /// The bytes of every rank, in the order of the ranks, on every rank.
  ///
  /// The corresponding C functions are `MPI_Allgather` and `MPI_Allgatherv`.
  public func allGather(_ bytes: [UInt8]) throws(MPIError) -> [[UInt8]] {
    guard size > 1, let handle = unsafe handle else { return [bytes] }
    var length = Int32(bytes.count)
    var lengths = [Int32](repeating: 0, count: size)
    try check(
      "MPI_Allgather",
      unsafe MPI_Allgather(&length, MemoryLayout<Int32>.size.int32, shim_byte(), &lengths, 4, shim_byte(), handle))
    var offsets: [Int32] = []
    var total = 0
    for length in lengths {
      guard let offset = Int32(exactly: total) else {
        throw MPIError(function: "MPI_Allgatherv", reason: "more than 2 GiB from \(size) ranks together")
      }
      offsets.append(offset)
      total += Int(length)
    }
    var all = [UInt8](repeating: 0, count: total)
    try check(
      "MPI_Allgatherv",
      unsafe MPI_Allgatherv(bytes, length, shim_byte(), &all, lengths, offsets, shim_byte(), handle))
    return zip(offsets, lengths).map { Array(all[Int($0)..<Int($0) + Int($1)]) }
  }

  /// Waits until every rank has come here.
  ///
  /// The corresponding C function is `MPI_Barrier`.
  public func barrier() throws(MPIError) {
    guard size > 1, let handle = unsafe handle else { return }
    try check("MPI_Barrier", unsafe MPI_Barrier(handle))
  }

  /// The same ranks in a communicator of its own whose calls move at most `chunk` elements: for tests of the cutting.
  ///
  /// The corresponding C function is `MPI_Comm_dup`.
  package func duplicate(chunk: Int) throws(MPIError) -> Communicator {
    guard let handle = unsafe handle else { return .solo() }
    var copy: MPI_Comm? = unsafe shim_comm_null()
    try check("MPI_Comm_dup", unsafe MPI_Comm_dup(handle, &copy))
    guard let copy = unsafe copy else { throw MPIError(function: "MPI_Comm_dup", reason: "no communicator") }
    return try unsafe Communicator(copy, chunk: chunk, isOwned: true)
  }

  /// Ends all ranks with `code`; for an error that the others do not know of. One rank is enough.
  ///
  /// The corresponding C function is `MPI_Abort`.
  public func abort(code: Int32) {
    if let handle = unsafe handle { unsafe MPI_Abort(handle, code) }
    exit(code)
  }
}

extension Int {
  fileprivate var int32: Int32 { Int32(self) }
}
