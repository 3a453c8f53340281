internal import FoundationEssentials
internal import MPI

/// The memory of a host and the ranks that share it.
struct HostMemory {
  /// The name of each rank's host.
  let hostNames: [String]
  /// The ranks of this host.
  var ranks: Int { hostNames.count { $0 == hostName() } }
  /// Bytes that they may use together: what the host has, or less where a control group (a container, a batch job) says so.
  let bytes: Double

  /// That of this rank's host. All ranks call it together.
  init(_ communicator: borrowing Communicator) throws {
    hostNames = try communicator.allGather(Array(hostName().utf8)).map { String(decoding: $0, as: UTF8.self) }
    let limit = (try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)) ?? ""
    let bound = Double(String(limit.prefix { $0.isNumber })) ?? .infinity
    bytes = min(Double(ProcessInfo.processInfo.physicalMemory), bound)
  }

  /// Refuses what cannot fit, before the system ends the process without a word.
  func require(_ needed: Double, for what: String, advice: String) throws {
    guard needed >= bytes else { return }
    throw Failure(
      .usage,
      "\(what) needs \(decimals(needed / 1e9, 1)) GB on this host, which has \(decimals(bytes / 1e9, 1)) GB; \(advice)")
  }
}
