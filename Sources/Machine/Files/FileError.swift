/// Why a file of a run could not be written, read or believed.
public enum FileError: ReportedError, Equatable {
  /// The system refused an operation on `path` with this `errno`.
  case system(Operation, path: String, errno: Int32)
  /// The file at `path` was read, but its content is wrong: what is wrong, and what to do about it.
  case content(path: String, problem: String, advice: String)

  /// What was being done; the raw value completes "cannot …".
  public enum Operation: String, Sendable {
    /// Open or read a file.
    case read
    /// Create, write, flush, cut or rename a file.
    case write
    /// Make a directory.
    case makeDirectory = "make the directory"
    /// List a directory.
    case list
    /// Delete a file.
    case remove
  }

  /// The exit code of the program that ends for this reason: 65 bad data, 66 file missing, 74 input or output.
  public var exitCode: ExitCode {
    switch self {
    case .content: .badData
    case .system(.read, _, ENOENT), .system(.read, _, ENOTDIR): .missing
    case .system: .inputOutput
    }
  }
}

extension FileError {
  /// One line: what failed, where, why, and what to do.
  public var description: String {
    switch self {
    case .content(let path, let problem, let advice):
      return "\(path): \(problem); \(advice)"
    case .system(let operation, let path, let errno):
      // strerror returns a valid string for every number, in a buffer of this thread.
      let reason = unsafe String(cString: strerror(errno))
      return "cannot \(operation.rawValue) \(path): \(reason); \(Self.advice(operation, errno))"
    }
  }

  private static func advice(_ operation: Operation, _ errno: Int32) -> String {
    switch errno {
    case ENOSPC: "free some space there"
    case EDQUOT: "delete files there to get below your quota"
    case EFBIG: "raise the limit on file size (ulimit -f)"
    case EROFS: "make its file system writable or choose another one"
    case ENOMEM: "it takes more memory than there is: use a machine with more, or check that this is the right file"
    case EPIPE: "the process that read from it has ended: check that process"
    case ELOOP: "symbolic links lead in a circle: check them"
    case EACCES, EPERM: "check the permissions of the file and of the directories above it"
    case ENOENT: operation == .read ? "check the path" : "check that its directory exists"
    case ENOTDIR: "a part of the path is a file, not a directory"
    case EEXIST: "a file of this name is in the way: move it"
    case EISDIR: "it is a directory: give the path of a file"
    case EMFILE, ENFILE: "raise the limit on open files (ulimit -n)"
    default: "check the disk and the file system"
    }
  }
}
