/// How many CPUs of its host the job may keep busy, as one of its ranks sees it.
///
/// A rank's own affinity does not tell, since `mpirun` binds each rank to a core of its own. What started the rank is not
/// bound, so its CPUs are the job's (unless a script stands between: then the ranks seem to have fewer, and yield while
/// they wait, which costs 0.7 µs a step).
public struct ProcessorAllotment: Equatable, Sendable, Codable {
  /// The CPUs that this rank or what started it may run on.
  public let cpus: Int
  /// A bound that no affinity shows: the CPU quota of a container, or what a batch system gave without confining the job
  /// to it. nil if there is none.
  public let limit: Int?

  /// The CPUs that all ranks of the host may keep busy together.
  public var count: Int { min(cpus, limit ?? cpus) }

  public init(cpus: Int, limit: Int?) {
    self.cpus = cpus
    self.limit = limit
  }

  /// For this process, which a launcher started or not. `variables` are the environment's.
  public init(_ variables: [String: String], hasLauncher: Bool) {
    self.init(
      own: ProcessorAffinity.cpus(), launcher: hasLauncher ? ProcessorAffinity.cpus(ofProcess: "\(getppid())") : [],
      variables: variables, read: FileSystem.text)
  }

  /// The rule itself. `own` and `launcher` are the CPUs that this process and its parent may run on; `read` gives the text
  /// of a file, empty if there is none.
  public init(own: [Int], launcher: [Int], variables: [String: String], read: (String) -> String) {
    var limits = Self.quotas(read)
    if let cpus = variables["SLURM_CPUS_ON_NODE"].flatMap({ Int($0) }) { limits.append(cpus) }
    // HTCondor sets OMP_NUM_THREADS to the slot's CPUs; elsewhere it speaks of other programs.
    if variables["_CONDOR_SLOT"] != nil, let cpus = variables["OMP_NUM_THREADS"].flatMap({ Int($0) }) {
      limits.append(cpus)
    }
    self.init(cpus: max(1, Set(own).union(launcher).count), limit: limits.min().map { max(1, $0) })
  }

  /// Whole CPUs of every quota on this process's control group and those above it, of version 2 (`cpu.max`) and version 1
  /// (`cpu.cfs_quota_us`).
  private static func quotas(_ read: (String) -> String) -> [Int] {
    controlGroups(of: "cpu", read).flatMap { group in
      let limit =
        group.version == 2
        ? read("\(group.path)/cpu.max")
        : "\(read("\(group.path)/cpu.cfs_quota_us")) \(read("\(group.path)/cpu.cfs_period_us"))"
      let numbers = limit.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
      return numbers.count == 2 && numbers[0] > 0 && numbers[1] > 0 ? [max(1, numbers[0] / numbers[1])] : []
    }
  }
}
