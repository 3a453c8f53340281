import CMPI

/// One piece of memory that all ranks of a host see. Rank 0 of the host provides it.
///
/// There is no deinit: freeing it is collective, and a rank that ends after an error of its own would wait there for others
/// who wait for it elsewhere. ``WindowList`` frees it when MPI ends; without that, it goes with the processes.
@safe
final class SharedWindow {
  /// At a cache line on every rank: MPI gives no such promise, Open MPI 4.1 starts at 8 bytes beyond one. The mappings
  /// begin at pages, so all ranks round up to the same byte.
  let start: UnsafeMutableRawPointer
  private let window: MPI_Win

  static let alignment = 64

  /// `byteCount` bytes, with any values.
  /// - Collective: every rank of the communicator calls it. The corresponding C functions are
  ///   `MPI_Win_allocate_shared`, `MPI_Win_shared_query` and `MPI_Win_lock_all`.
  init(byteCount: Int, _ host: borrowing Communicator) throws(MPIError) {
    guard let handle = unsafe host.handle else {
      throw MPIError(function: "MPI_Win_allocate_shared", reason: "MPI was not started")
    }
    let made = unsafe shim_win_allocate_shared(host.isRoot ? byteCount + Self.alignment : 0, handle)
    do throws(MPIError) { try check("MPI_Win_allocate_shared", unsafe made.code) } catch {
      // Fatal, without another way: only some ranks may have failed, and the others then wait inside.
      let advice = "the ranks of a host cannot share memory; start one rank per host with more --threads"
      throw MPIError(code: error.code, function: error.function, reason: "\(error.reason): \(advice)")
    }
    let window: MPI_Win = unsafe made.window
    try check("MPI_Win_set_errhandler", unsafe MPI_Win_set_errhandler(window, shim_errors_return()))
    var (size, unit) = (MPI_Aint(0), Int32(0))
    var base: UnsafeMutableRawPointer?
    // Fills in the three and keeps no pointer to them.
    try check("MPI_Win_shared_query", unsafe MPI_Win_shared_query(window, 0, &size, &unit, &base))
    guard let base = unsafe base, size >= byteCount + Self.alignment else {
      throw MPIError(function: "MPI_Win_shared_query", reason: "\(size) bytes where \(byteCount) are shared")
    }
    // Plain loads and stores are allowed between lock and unlock; nobody locks for anything else.
    try check("MPI_Win_lock_all", unsafe MPI_Win_lock_all(Int32(MPI_MODE_NOCHECK), window))
    unsafe start = base.alignedUp(toMultipleOf: Self.alignment)
    unsafe self.window = unsafe window
  }

  /// Makes all that was written before visible to all ranks of `host`.
  /// - Collective: every rank of the communicator calls it. The corresponding C functions are `MPI_Win_sync`
  ///   and `MPI_Barrier`.
  func synchronize(_ host: borrowing Communicator) throws(MPIError) {
    try check("MPI_Win_sync", unsafe MPI_Win_sync(window))
    try host.barrier()
    try check("MPI_Win_sync", unsafe MPI_Win_sync(window))
  }

  /// Gives the memory back, which no rank uses any more.
  /// - Collective: every rank of the host calls it. The corresponding C functions are `MPI_Win_unlock_all` and
  ///   `MPI_Win_free`.
  fileprivate func free() throws(MPIError) {
    try check("MPI_Win_unlock_all", unsafe MPI_Win_unlock_all(window))
    try check("MPI_Win_free", unsafe shim_win_free(window))
  }
}

/// The windows of a job in the order in which they were made, the same on all ranks of a host.
final class WindowList {
  private var windows: [SharedWindow] = []

  func append(_ window: SharedWindow) { windows.append(window) }

  /// Frees those that nothing refers to; one that is still in use stays until the process ends.
  /// - Collective: every rank of the job calls it.
  func free() throws(MPIError) {
    while var window = windows.popLast() {
      if isKnownUniquelyReferenced(&window) { try window.free() }
    }
  }
}
