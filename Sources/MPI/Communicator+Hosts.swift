import CMPI

extension Communicator {
  /// The ranks that can share memory with this one, usually those of its host, in their order.
  /// - Collective: every rank of the communicator calls it.
  ///
  /// The corresponding C function is `MPI_Comm_split_type` with `MPI_COMM_TYPE_SHARED`.
  public func splitByHost() throws(MPIError) -> Communicator {
    guard let handle = unsafe handle else { return .solo(watchdog) }
    let part = unsafe shim_comm_split_shared(handle, Int32(rank))
    try check("MPI_Comm_split_type", unsafe part.code)
    return try unsafe Communicator(
      part.communicator, chunk: chunk, windows: windows, watchdog: watchdog, isOwned: true)
  }

  /// The ranks that name the same color (0 or more), in their order.
  /// - Collective: every rank of the communicator calls it.
  ///
  /// The corresponding C function is `MPI_Comm_split`.
  public func split(color: Int) throws(MPIError) -> Communicator {
    guard let handle = unsafe handle else { return .solo(watchdog) }
    let part = unsafe shim_comm_split(handle, Int32(color), Int32(rank))
    try check("MPI_Comm_split", unsafe part.code)
    return try unsafe Communicator(
      part.communicator, chunk: chunk, windows: windows, watchdog: watchdog, isOwned: true)
  }
}

/// The ranks of this rank's host, and the leaders of all hosts.
struct HostGroups: ~Copyable {
  /// The ranks of the host.
  let host: Communicator
  /// The first rank of each host. On any other rank, the remaining ranks of all hosts, as a split gives every rank some group;
  /// this one is not used.
  let leaders: Communicator
}

extension Communicator {
  /// The groups of all hosts, as if a host had at most `ranksPerHost` ranks.
  /// - Collective: every rank of the communicator calls it.
  ///
  /// The C functions are those of ``splitByHost()`` and ``split(color:)``.
  func splitIntoHosts(ranksPerHost: Int?) throws(MPIError) -> HostGroups {
    let all = try splitByHost()
    let host = try all.split(color: all.rank / (ranksPerHost ?? all.size))
    let leaders = try split(color: host.isRoot ? 0 : 1)
    return HostGroups(host: host, leaders: leaders)
  }
}
