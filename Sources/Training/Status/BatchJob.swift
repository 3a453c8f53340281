internal import FoundationEssentials

/// The job of a batch system in which a process runs.
package struct BatchJob: Equatable {
  /// As its users would call it: "Slurm job 1234_7, restart 2".
  package let description: String

  /// nil outside of any job. `variables` are the environment's; `read` gives the text of a file, empty if there is none.
  ///
  /// Slurm tells in SLURM_JOB_ID and its kin, HTCondor in the file that _CONDOR_JOB_AD names.
  package init?(_ variables: [String: String], read: (String) -> String) {
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
  static var current: BatchJob? {
    BatchJob(ProcessInfo.processInfo.environment) { path in
      (try? FileSystem.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }
}
