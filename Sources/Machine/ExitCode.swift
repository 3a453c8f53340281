/// The exit codes of dist-train; those of sysexits.h where one fits.
public enum ExitCode: Int32, Sendable {
  /// Everything was done.
  case done = 0
  /// The command line or the run file is wrong.
  case usage = 64
  /// The events or a checkpoint cannot be used as they are.
  case badData = 65
  /// A file that is named does not exist.
  case missing = 66
  /// A CPU is too old for the program.
  case unavailable = 69
  /// An internal error, MPI failed, or a rank hangs.
  case internalError = 70
  /// A file cannot be read or written, e.g. the disk is full; or the events do not fit into memory.
  case inputOutput = 74
  /// The loss or a gradient is not finite; the last checkpoint is kept.
  case diverged = 75
  /// Ranks have different run files, data, builds or parameters; or another process trains in the run's folder.
  case ranksDisagree = 76
  /// Stopped early by a signal or at the time limit, with a checkpoint to continue from.
  case stopped = 85
}

/// An error that ends the program with a code of its own; its description is the one line that the user reads.
public protocol ReportedError: Error, CustomStringConvertible {
  var exitCode: ExitCode { get }
}

/// Why a run ends early: one line that says what, where and what to do, and the code to end with.
public struct Failure: ReportedError, Equatable {
  public let exitCode: ExitCode
  public let description: String

  public init(_ exitCode: ExitCode, _ description: String) {
    self.exitCode = exitCode
    self.description = description
  }

  /// What any error means for the user.
  public init(_ error: any Error) {
    self.init((error as? any ReportedError)?.exitCode ?? .internalError, "\(error)")
  }
}
