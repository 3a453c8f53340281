internal import MPI

extension RunFile {
  /// The section `safety`: what a run does about ranks that hang or differ.
  public struct SafetySection: Equatable, Sendable {
    /// Seconds that a step or a part of an evaluation may take before the run gives up, 1 to 10⁹. Default: 300.
    public var watchdog: Int
    /// The same while rank 0 reads or writes files, 1 to 10⁹. Default: 3600.
    public var watchdogFiles: Int
    /// Steps from one comparison of all ranks' parameters to the next, 1 to 10⁹; nil: once an epoch. Default: nil.
    public var replicaCheck: Int?
  }
}

extension RunFile.SafetySection {
  init(_ section: RunFileSection) {
    watchdog = section["watchdog"]?.count() ?? Watchdog.defaultLimits.steps
    watchdogFiles = section["watchdog_files"]?.count() ?? Watchdog.defaultLimits.files
    replicaCheck = section["replica_check"].flatMap { $0.isNull ? nil : $0.count() }
  }
}
