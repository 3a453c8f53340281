internal import CMPI

extension Communicator {
  /// The ranks that can share memory with this one, as a rule those of its host, in their order. All ranks call it.
  ///
  /// The corresponding C function is `MPI_Comm_split_type` with `MPI_COMM_TYPE_SHARED`.
  public func splitByHost() throws(MPIError) -> Communicator {
    guard let handle = unsafe handle else { return .solo() }
    let part = unsafe shim_comm_split_shared(handle, Int32(rank))
    try check("MPI_Comm_split_type", unsafe part.code)
    return try unsafe Communicator(part.communicator, chunk: chunk, windows: windows, isOwned: true)
  }

  /// The ranks that name the same color (0 or more), in their order. All ranks call it.
  ///
  /// The corresponding C function is `MPI_Comm_split`.
  public func split(color: Int) throws(MPIError) -> Communicator {
    guard let handle = unsafe handle else { return .solo() }
    let part = unsafe shim_comm_split(handle, Int32(color), Int32(rank))
    try check("MPI_Comm_split", unsafe part.code)
    return try unsafe Communicator(part.communicator, chunk: chunk, windows: windows, isOwned: true)
  }
}
