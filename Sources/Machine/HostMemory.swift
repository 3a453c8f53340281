/// The memory of this host, as far as its processes may use it.
public struct HostMemory: Equatable, Sendable {
  /// Bytes that they may use together: what the host has, or less if a control group (a container, a batch job) limits it.
  public let bytes: Double
  /// Whether a control group sets the bound, and not the machine.
  public let isJobs: Bool

  /// Who has the memory, for messages.
  var owner: String { isJobs ? "the job" : "this host" }

  /// That of this host.
  public init() {
    self.init(physical: Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE))), FileSystem.text)
  }

  /// The rule itself: `physical` bytes, or the smallest bound on the control groups of this process. `read` gives the text of
  /// a file, empty if there is none.
  public init(physical: Double, _ read: (String) -> String) {
    let bounds = controlGroups(of: "memory", read).compactMap { group in
      Double(
        read("\(group.path)/\(group.version == 2 ? "memory.max" : "memory.limit_in_bytes")").prefix { $0.isNumber })
    }
    bytes = bounds.reduce(physical, min)
    isJobs = bytes < physical
  }

  /// Refuses what cannot fit, before the system kills the process without a message.
  public func require(_ needed: Double, for what: String, advice: String) throws(Failure) {
    guard needed >= bytes else { return }
    throw Failure(
      .usage,
      "\(what) needs \(decimals(needed / 1e9, 1)) GB on this host, which has \(decimals(bytes / 1e9, 1)) GB; \(advice)")
  }
}
