#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What the environment variables tell of how this process was started, and what MPI should be told where the user is silent.
package struct LaunchEnvironment {
  private let variables: [String: String]
  private let onlineCPUs: Int
  /// The content of the user's own MPI parameter file.
  private let parameterFile: String

  package init(_ variables: [String: String], onlineCPUs: Int, parameterFile: String = "") {
    self.variables = variables
    self.onlineCPUs = onlineCPUs
    self.parameterFile = parameterFile
  }

  static var current: LaunchEnvironment {
    let names = [
      "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE", "SLURM_PROCID",
      "SLURM_STEP_ID", "SLURM_STEP_NUM_TASKS", "HOME",
    ]
    var variables: [String: String] = [:]
    for name in names {
      // getenv's string stays valid until the environment is changed, which happens later and on this thread.
      if let value = unsafe getenv(name) { variables[name] = unsafe String(cString: value) }
    }
    let file = variables["HOME"].map { readText("\($0)/.openmpi/mca-params.conf") } ?? ""
    return LaunchEnvironment(variables, onlineCPUs: ProcessorAffinity.onlineCPUs, parameterFile: file)
  }

  /// Whether `mpirun`, or `srun` with PMI, started this process.
  package var hasLauncher: Bool {
    ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE"].contains { variables[$0] != nil }
  }

  /// The number of tasks that `srun` started, if that is more than one. In a batch script itself SLURM_STEP_ID is not set: there
  /// a lone process is what it seems.
  package var lonelySlurmTasks: Int? {
    guard variables["SLURM_STEP_ID"] != nil, variables["SLURM_PROCID"] != nil,
      let tasks = variables["SLURM_STEP_NUM_TASKS"].flatMap({ Int($0) }), tasks > 1
    else { return nil }
    return tasks
  }

  /// Parameters of Open MPI that serve small allreduces, set in the environment unless the user has set them there or in
  /// ~/.openmpi/mca-params.conf.
  ///
  /// - `btl_vader_eager_limit`: a gradient of some 20 kB goes through shared memory in one piece instead of by rendezvous;
  ///   halves the latency of its allreduce. Open MPI 5 calls the transport `sm`.
  /// - `mpi_yield_when_idle`: with more ranks than CPUs, a rank that waits must let the others work.
  package var defaults: [(name: String, value: String)] {
    var defaults = [("btl_vader_eager_limit", "65536"), ("btl_sm_eager_limit", "65536")]
    let localRanks = variables["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { Int($0) } ?? 1
    if localRanks > onlineCPUs { defaults.append(("mpi_yield_when_idle", "1")) }
    return defaults.filter { !parameterFile.contains($0.0) }.map { (name: "OMPI_MCA_\($0.0)", value: $0.1) }
  }
}
