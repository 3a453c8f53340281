/// The job of a batch system in which a process runs.
public struct BatchJob: Codable, Equatable, Sendable {
  /// The name as users know it, the same after a restart: "Slurm job 1234_7".
  public let name: String
  /// How often the batch system has started it again.
  public let restarts: Int

  /// "Slurm job 1234_7, restart 2".
  public var description: String { name + (restarts > 0 ? ", restart \(restarts)" : "") }

  /// Whether the batch system started this job again after `other`, as it does when it considers a node dead.
  public func isRestart(of other: BatchJob) -> Bool { name == other.name && restarts > other.restarts }

  /// nil outside of any job. `variables` are the environment's; `read` gives the text of a file, empty if there is none.
  ///
  /// Slurm names it in SLURM_JOB_ID and its kin, HTCondor in the file at _CONDOR_JOB_AD.
  public init?(_ variables: [String: String], read: (String) -> String) {
    if let job = variables["SLURM_JOB_ID"] {
      var number = job
      if let array = variables["SLURM_ARRAY_JOB_ID"], let task = variables["SLURM_ARRAY_TASK_ID"] {
        number = "\(array)_\(task)"
      }
      name = "Slurm job \(number)"
      restarts = variables["SLURM_RESTART_COUNT"].flatMap { Int($0) } ?? 0
    } else if let file = variables["_CONDOR_JOB_AD"] {
      var numbers: [String: Int] = [:]
      for line in read(file).split(separator: "\n") {
        let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
        if parts.count == 2, let number = Int(parts[1]) { numbers[parts[0]] = number }
      }
      guard let cluster = numbers["ClusterId"] else { return nil }
      name = "HTCondor job \(cluster).\(numbers["ProcId"] ?? 0)"
      restarts = max(0, (numbers["NumShadowStarts"] ?? 1) - 1)
    } else {
      return nil
    }
  }

  /// That of this process.
  public static var current: BatchJob? {
    let names = [
      "SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_RESTART_COUNT", "_CONDOR_JOB_AD",
    ]
    return BatchJob(
      Dictionary(uniqueKeysWithValues: names.compactMap { name in environmentVariable(name).map { (name, $0) } }),
      read: FileSystem.text)
  }
}
