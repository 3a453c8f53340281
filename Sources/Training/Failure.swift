/// What a process of dist-train says to the shell when it ends; the numbers of sysexits.h where one fits.
public enum ExitCode: Int32, Sendable {
  /// Everything was done.
  case done = 0
  /// The command line or the run file cannot be right.
  case usage = 64
  /// The events or a checkpoint cannot be used as they are.
  case badData = 65
  /// A file that is named does not exist.
  case missing = 66
  /// A CPU is too old for the program.
  case unavailable = 69
  /// A bug of ours, or MPI failed.
  case internalError = 70
  /// A file cannot be read or written, e.g. the disk is full.
  case inputOutput = 74
  /// The loss or a gradient is not finite; the last checkpoint is kept.
  case diverged = 75
  /// Ranks have different run files, data, builds or parameters; or another process goes on with the run.
  case ranksDisagree = 76
  /// Stopped early by a signal or at the time limit, with a checkpoint to go on from.
  case stopped = 85
}

/// Why a run ends early: one line that says what, where and what to do, and the code to end with.
public struct Failure: Error, CustomStringConvertible, Sendable {
  /// What to tell the shell.
  public let code: ExitCode
  /// One line.
  public let description: String

  /// Both by name.
  public init(_ code: ExitCode, _ description: String) {
    self.code = code
    self.description = description
  }
}
