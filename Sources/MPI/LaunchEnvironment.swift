import Machine

/// How this process was started, by its environment variables, and settings for MPI that the user has not made.
public struct LaunchEnvironment {
  private let variables: [String: String]
  /// The CPUs that the ranks of this host have together.
  private let hostCPUs: Int
  /// The threads of each rank, as far as they are known so early.
  private let threads: Int
  /// The content of the parameter files of the user and of the machine.
  private let parameterFiles: String

  public init(_ variables: [String: String], hostCPUs: Int, threads: Int = 1, parameterFiles: String = "") {
    self.variables = variables
    self.hostCPUs = hostCPUs
    self.threads = threads
    self.parameterFiles = parameterFiles
  }

  /// That of this process, which will compute with `threads` threads.
  static func current(threads: Int) -> LaunchEnvironment {
    let variables = currentVariables
    let files = [
      variables["HOME"].map { "\($0)/.openmpi/mca-params.conf" },
      variables["OPAL_PREFIX"].map { "\($0)/etc/openmpi-mca-params.conf" },
      "/etc/openmpi/openmpi-mca-params.conf",
    ]
    return LaunchEnvironment(
      variables, hostCPUs: allotment(variables).count, threads: threads,
      parameterFiles: files.compactMap { $0 }.map(FileSystem.text).joined(separator: "\n"))
  }

  /// What the job may use of this host's CPUs.
  static func allotment(_ variables: [String: String]) -> ProcessorAllotment {
    ProcessorAllotment(variables, hasLauncher: LaunchEnvironment(variables, hostCPUs: 1).hasLauncher)
  }

  /// Those variables of this process's environment that matter here.
  static var currentVariables: [String: String] {
    let names = [
      "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE",
      "SLURM_PROCID", "SLURM_STEP_ID", "SLURM_STEP_NUM_TASKS", "SLURM_PTY_PORT", "SLURM_CPUS_ON_NODE", "_CONDOR_SLOT",
      "OMP_NUM_THREADS", "HOME", "OPAL_PREFIX",
    ]
    var variables: [String: String] = [:]
    for name in names + pmixServers { variables[name] = environmentVariable(name) }
    return variables
  }

  /// Whether a rank that waits in MPI yields its CPU, by the user's setting or by ``defaults``.
  static var yieldsWhenIdle: Bool {
    environmentVariable("OMPI_MCA_mpi_yield_when_idle").map { $0 != "0" } ?? false
  }

  /// Whether `mpirun` started this process, or another launcher started it as one of several ranks.
  ///
  /// In a shell that `srun` started, the variables of PMI are set as well, but nobody there waits for `MPI_Init`: with an Open
  /// MPI that was built without Slurm's PMI it fails, and otherwise it may wait for ever. One process needs no MPI.
  public var hasLauncher: Bool {
    if variables["OMPI_COMM_WORLD_SIZE"] != nil { return true }
    if isInShell { return false }
    let speaksPMIx = variables["PMIX_RANK"] != nil
    if let slurmTasks { return slurmTasks > 1 && (speaksPMIx || variables["PMI_RANK"] != nil) }
    if let size = variables["PMI_SIZE"].flatMap({ Int($0) }) { return size > 1 }
    // Without a server to talk to, the variable was inherited from a finished job.
    return speaksPMIx && Self.pmixServers.contains { variables[$0] != nil }
  }

  /// Where the versions of PMIx say how a process reaches its server.
  static let pmixServers = ["", "2", "21", "3", "4", "41", "5"].map { "PMIX_SERVER_URI\($0)" }

  /// Whether this is a process of an interactive shell: `srun --pty` starts a shell for each task, but only that of task 0 has the
  /// terminal, and the others end at once.
  private var isInShell: Bool {
    variables["SLURM_PTY_PORT"] != nil && variables["SLURM_PROCID"].map { $0 == "0" } ?? false
  }

  /// How many tasks the step of `srun` has in which this process runs; nil outside of any. In a batch script itself
  /// SLURM_STEP_ID is not set.
  private var slurmTasks: Int? {
    guard variables["SLURM_STEP_ID"] != nil, variables["SLURM_PROCID"] != nil else { return nil }
    return variables["SLURM_STEP_NUM_TASKS"].flatMap { Int($0) }
  }

  /// The rank that the launcher gave this process; nil if unknown.
  public var rank: Int? {
    let names = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"]
    return names.compactMap { variables[$0] }.first.flatMap { Int($0) }
  }

  /// The rank that the launcher gave this process, known before MPI starts; nil if unknown.
  public static var currentRank: Int? { LaunchEnvironment(currentVariables, hostCPUs: 1).rank }

  /// Why MPI must not continue with a world of `size` ranks; nil if all is well.
  ///
  /// An `mpirun` of another MPI than the one this program is linked with starts ranks that each consider themselves the
  /// only one and write the same files; so does `srun` without PMI.
  public func refusal(ofWorld size: Int) -> String? {
    if variables["OMPI_COMM_WORLD_SIZE"] == nil, isInShell { return nil }
    if let tasks = unconnectedSlurmTasks, size == 1 {
      return
        "srun started \(tasks) tasks that do not know of each other; start them with srun --mpi=pmix, or with mpirun"
    }
    guard let started = (variables["OMPI_COMM_WORLD_SIZE"] ?? variables["PMI_SIZE"]).flatMap({ Int($0) }),
      started != size
    else { return nil }
    return
      "the launcher started \(started) ranks, but MPI sees \(size); use the mpirun of the MPI that this program was "
      + "built with"
  }

  /// The number of tasks that `srun` started, if that is more than one and no `mpirun` stands between.
  public var unconnectedSlurmTasks: Int? {
    guard variables["OMPI_COMM_WORLD_SIZE"] == nil, !isInShell, let slurmTasks, slurmTasks > 1 else { return nil }
    return slurmTasks
  }

  /// Parameters of Open MPI that serve small allreduces, set in the environment unless the user has set them there (as
  /// `mpirun --mca` does) or a parameter file names them: ~/.openmpi/mca-params.conf, $OPAL_PREFIX/etc or
  /// /etc/openmpi/openmpi-mca-params.conf. The environment would override the files.
  ///
  /// - `btl_vader_eager_limit`: a gradient of some 20 kB goes through shared memory in one piece instead of by rendezvous:
  ///   an allreduce of 2,800 doubles on 2 ranks takes 1.3 µs instead of 6.0. The other sizes of the transport (fragments,
  ///   segment, fast boxes) make no difference then. Open MPI 5 calls the transport `sm`.
  /// - `mpi_yield_when_idle`: with more ranks than CPUs, a rank that waits must let the others work: 0.1 ms instead of
  ///   94 ms with 8 ranks on 2 CPUs. Likewise with more threads than CPUs, as a rank that waits may stand in the way of
  ///   another one's threads: 0.06 ms instead of 24 ms with 2 ranks × 2 threads on 2 CPUs. `mpirun` does so only where it
  ///   knows the number of CPUs, not where a host file promises more.
  public var defaults: [(name: String, value: String)] {
    var defaults = [("btl_vader_eager_limit", "65536"), ("btl_sm_eager_limit", "65536")]
    let localRanks = variables["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { Int($0) } ?? 1
    if localRanks * threads > hostCPUs { defaults.append(("mpi_yield_when_idle", "1")) }
    let named = parameterFiles.split(separator: "\n").map { line in
      line.prefix { $0 != "=" }.filter { !$0.isWhitespace }
    }
    return defaults.filter { !named.contains($0.0) }.map { (name: "OMPI_MCA_\($0.0)", value: $0.1) }
  }
}
