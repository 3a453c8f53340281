#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// How many CPUs of its host the job may keep busy, as one of its ranks sees it.
///
/// A rank's own affinity does not tell, since `mpirun` binds each rank to a core of its own. What started the rank is not
/// bound, so its CPUs are the job's (unless a script stands between: then the ranks seem to have fewer, and yield while
/// they wait, which costs 0.7 µs a step).
package struct ProcessorAllotment: Equatable, Sendable {
  /// The CPUs that this rank or what started it may run on.
  package let cpus: Int
  /// A bound that no affinity shows: the CPU quota of a container, or what a batch system gave without confining the job
  /// to it. nil if there is none.
  package let limit: Int?

  /// The CPUs that all ranks of the host may keep busy together.
  package var count: Int { min(cpus, limit ?? cpus) }

  package init(cpus: Int, limit: Int?) {
    self.cpus = cpus
    self.limit = limit
  }

  /// For this process. `variables` are the environment's.
  init(_ variables: [String: String]) {
    let launched = LaunchEnvironment.launcherVariables.contains { variables[$0] != nil }
    self.init(
      own: ProcessorAffinity.cpus(), launcher: launched ? ProcessorAffinity.cpus(ofProcess: "\(getppid())") : [],
      variables: variables, read: readText)
  }

  /// The rule itself. `own` and `launcher` are the CPUs that this process and its parent may run on; `read` gives the text
  /// of a file, empty if there is none.
  package init(own: [Int], launcher: [Int], variables: [String: String], read: (String) -> String) {
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
    var quotas: [Int] = []
    for line in read("/proc/self/cgroup").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3, fields[1].isEmpty || fields[1].split(separator: ",").contains("cpu") else { continue }
      let root = fields[1].isEmpty ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu"
      var parts = fields[2].split(separator: "/")
      while true {
        let group = ([root] + parts.map(String.init)).joined(separator: "/")
        let limit =
          fields[1].isEmpty
          ? read("\(group)/cpu.max") : "\(read("\(group)/cpu.cfs_quota_us")) \(read("\(group)/cpu.cfs_period_us"))"
        let numbers = limit.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        if numbers.count == 2, numbers[0] > 0, numbers[1] > 0 { quotas.append(max(1, numbers[0] / numbers[1])) }
        if parts.isEmpty { break }
        parts.removeLast()
      }
    }
    return quotas
  }
}
