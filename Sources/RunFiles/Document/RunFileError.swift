package import Machine

/// What is wrong with a run file or with a `--section.key=value`, in one line: where, what, what to do.
package struct RunFileError: ReportedError, Equatable {
  /// `FILE:LINE:COLUMN` (both from 1, columns in Unicode scalars), `FILE` where it cannot be read, or
  /// `--section.key=value`.
  package let place: String
  /// What is wrong; what to do.
  package let message: String
  /// 64 for what the file says, 66 for a file that cannot be read (`EX_USAGE` and `EX_NOINPUT` of sysexits.h).
  package let exitCode: ExitCode

  init(_ place: String, _ message: String, exitCode: ExitCode = .usage) {
    self.place = place.onOneLine
    self.message = message.onOneLine
    self.exitCode = exitCode
  }

  /// `place: message`
  package var description: String { "\(place): \(message)" }
}
