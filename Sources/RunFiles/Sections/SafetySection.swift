import MPI

extension RunFile {
  /// The section `safety`: what a run does about ranks that hang or differ.
  package struct SafetySection: Equatable, Sendable, Codable {
    /// Seconds that a step or a part of an evaluation may take before the run gives up, 1 to 10⁹. Default: 300.
    package var watchdog: Int
    /// The same while rank 0 reads or writes files, 1 to 10⁹. Default: 3600.
    package var watchdogFiles: Int
    /// Steps from one comparison of all ranks' parameters to the next, 1 to 10⁹; nil: once an epoch. Default: nil.
    package var replicaCheck: Int?
  }
}

extension RunFile.SafetySection {
  init(_ section: RunFileSection) {
    watchdog = section["watchdog"]?.count() ?? Watchdog.defaultLimits.steps
    watchdogFiles = section["watchdog_files"]?.count() ?? Watchdog.defaultLimits.files
    replicaCheck = section["replica_check"].flatMap { $0.isNull ? nil : $0.count() }
  }

  var yaml: String {
    """
    safety:
      watchdog: \(watchdog)
      watchdog_files: \(watchdogFiles)
      replica_check: \(replicaCheck.map(String.init) ?? "null")
    """
  }
}
