public import Machine

/// Why event files cannot be used: which file, where in it, what is wrong there, what to do.
public struct DataError: ReportedError, Equatable {
  /// 65: the file was read, and what it holds cannot be used; 66: there is no file that this program may read under that
  /// name; 74: the operating system failed to read it.
  public var exitCode: ExitCode
  /// The path of the file, or `process NAME` where no single file is at fault.
  public var file: String
  /// The line of a text file, counted from 1.
  public var line: Int?
  /// The character in the line, counted from 1 (a tab is one character): where the offending value begins.
  public var column: Int?
  /// What is wrong.
  public var what: String
  /// What to do about it.
  public var advice: String

  /// An error in `file`, at `line` and `column` where they are known.
  public init(_ exitCode: ExitCode, file: String, line: Int? = nil, column: Int? = nil, what: String, advice: String) {
    self.exitCode = exitCode
    self.file = file
    self.line = line
    self.column = column
    self.what = what
    self.advice = advice
  }

  /// One line: `FILE:LINE:COLUMN: what; advice`.
  public var description: String {
    var place = file.abridged(to: 1000)
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    // A complete message gets no place before it.
    return (file.isEmpty ? what : "\(place): \(what); \(advice)").onOneLine
  }
}

extension DataError {
  /// There is no memory for the values of a file.
  init(exceedingMemory failure: Failure) {
    self.init(failure.exitCode, file: "", what: failure.description, advice: "")
  }

  /// What an error of the operating system means for an event file that was to be read.
  public init(_ error: FileError) {
    switch error {
    case .content(let file, let problem, let advice): self.init(.badData, file: file, what: problem, advice: advice)
    case .system(_, let file, let code): self.init(errno: code, file: file)
    }
  }

  private init(errno code: Int32, file: String) {
    switch code {
    case ENOENT, ENOTDIR:
      let folder = FileSystem.parent(of: file).abridged(to: 1000)
      self.init(
        .missing, file: file.isEmpty ? "''" : file, what: "no such file",
        advice: FileSystem.target(ofLink: file).map {
          "the link points to \($0.abridged(to: 1000)), which does not exist"
        }
          ?? (FileSystem.isDirectory(folder)
            ? "looked in the directory \(folder), which exists: check the file's name"
            : FileSystem.exists(folder)
              ? "\(folder) is a file, not a directory: check the path"
              : "the directory \(folder) does not exist: check data.directory and the file's path"))
    case EISDIR:
      self.init(.missing, file: file, what: "a directory, not a file", advice: "name the event files in it")
    case EACCES, EPERM:
      self.init(
        .missing, file: file, what: "not readable for this user",
        advice: "check the permissions of the file and of the directories above it")
    default:
      // strerror returns a string that is valid until its next call; it is copied at once.
      let reason = unsafe String(cString: strerror(code))
      self.init(
        .inputOutput, file: file, what: "cannot be read: \(reason)", advice: "check the file system and run again")
    }
  }
}
