/// The job of a batch system in which a process runs.
public struct BatchJob: Equatable {
  /// As its users would call it: "Slurm job 1234_7, restart 2".
  public let description: String

  /// nil outside of any job. `variables` are the environment's; `read` gives the text of a file, empty if there is none.
  ///
  /// Slurm names it in SLURM_JOB_ID and its kin, HTCondor in the file at _CONDOR_JOB_AD.
  public init?(_ variables: [String: String], read: (String) -> String) {
    if let job = variables["SLURM_JOB_ID"] {
      var name = job
      if let array = variables["SLURM_ARRAY_JOB_ID"], let task = variables["SLURM_ARRAY_TASK_ID"] {
        name = "\(array)_\(task)"
      }
      let restarts = variables["SLURM_RESTART_COUNT"].flatMap { Int($0) } ?? 0
      description = "Slurm job \(name)" + (restarts > 0 ? ", restart \(restarts)" : "")
    } else if let file = variables["_CONDOR_JOB_AD"] {
      var numbers: [String: Int] = [:]
      for line in read(file).split(separator: "\n") {
        let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
        if parts.count == 2, let number = Int(parts[1]) { numbers[parts[0]] = number }
      }
      guard let cluster = numbers["ClusterId"] else { return nil }
      let starts = numbers["NumShadowStarts"] ?? 1
      description =
        "HTCondor job \(cluster).\(numbers["ProcId"] ?? 0)" + (starts > 1 ? ", restart \(starts - 1)" : "")
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
