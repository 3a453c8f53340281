/// A file that the user names for the program to write, as with `predict -o`: checked before the work, written after it or meanwhile.
///
/// - A regular file is replaced as a whole, or not at all; it keeps its permissions.
/// - A symbolic link stays a link: the file that it points to is written.
/// - A pipe, a terminal or `/dev/null` stays what it is: the bytes are written into it. So does standard output by any name.
/// - An input, a directory, a socket and a disk are refused.
public struct OutputFile {
  /// As the user wrote it.
  public let path: String
  /// Where the bytes go.
  private let target: Target

  private enum Target {
    /// A file that is replaced; the path behind all links, and what was there.
    case file(String, FileStatus?)
    /// A pipe or device, opened during the check, so that a reader that waits for a writer has one.
    case stream(Stream)
    case standard(StandardStream)
  }

  final class Stream {
    let file: OpenFile

    init(_ path: String) throws(FileError) { file = try OpenFile(path, .stream) }
  }

  /// Whether the bytes go into a pipe, a device or a standard stream.
  public var isStream: Bool {
    if case .file = target { return false }
    return true
  }

  /// Checks that `path` can be written and that it is none of `inputs`. Writes nothing.
  ///
  /// - Throws: 64 for an input or something that cannot hold a file, 74 where the system will not let the file be written.
  public init(_ path: String, inputs: [String] = []) throws {
    self.path = path
    do {
      let resolved = try FileSystem.resolvingLinks(path)
      let old = FileStatus(resolved)
      if let old { try Self.requireSuitable(old, inputs: inputs, as: path) }
      target = try Self.target(resolved, old)
    } catch let error as FileError { throw Self.error(error, naming: path) }
  }

  /// Writes all of the content.
  public func write(_ bytes: [UInt8]) throws {
    let writer = try open()
    try writer.append(bytes)
    try writer.finish()
  }

  /// Begins to write the content, piece by piece.
  public func open() throws -> OutputWriter {
    switch target {
    case .file(let path, let old):
      // Before there is one: a signal may come at any time.
      UnfinishedFile.announce(AtomicFile.temporaryPath(for: path))
      do throws(FileError) {
        return OutputWriter(self.path, .file(SharedFile(try AtomicFile.temporary(for: path)), target: path, old))
      } catch {
        UnfinishedFile.forget()
        throw Self.failure(error, naming: self.path)
      }
    case .stream(let stream): return OutputWriter(path, .stream(stream))
    case .standard(let stream): return OutputWriter(path, .standard(stream))
    }
  }

  /// What an error of the content's writing means for the user, under the name that he knows.
  static func failure(_ error: FileError, naming path: String) -> Failure {
    let error = Self.error(error, naming: path)
    return Failure(error.exitCode, "\(error.description), then run the command again, or name another file")
  }

  private static func requireSuitable(_ old: FileStatus, inputs: [String], as path: String) throws(Failure) {
    if let input = inputs.first(where: { FileStatus($0).map(old.isSameFile) ?? false }) {
      let name = input == path ? "an input of this command" : "the same file as the input \(input)"
      throw Failure(.usage, "\(path): \(name); name another file for the output")
    }
    switch old.kind {
    case .socket, .blockDevice, .other:
      throw Failure(.usage, "\(path): a socket or a disk, not a file; name a file for the output")
    default: return
    }
  }

  private static func target(_ path: String, _ old: FileStatus?) throws(FileError) -> Target {
    guard let old else {
      try requireReplaceable(path, exists: false)
      return .file(path, nil)
    }
    if old.kind == .directory { throw .system(.write, path: path, errno: EISDIR) }
    for stream in [StandardStream.output, .error]
    where FileStatus(descriptor: stream.rawValue).map(old.isSameFile) ?? false { return .standard(stream) }
    if old.kind == .regular, !FileSystem.isDescriptor(path) {
      try requireReplaceable(path, exists: true)
      return .file(path, old)
    }
    return .stream(try Stream(path))
  }

  /// A new file takes the place of the old one, so the directory has to allow that; the old file has to allow it as well, or
  /// the permissions that protect it would mean nothing.
  private static func requireReplaceable(_ path: String, exists: Bool) throws(FileError) {
    guard !path.hasSuffix("/") else { throw .system(.write, path: path, errno: EISDIR) }
    try FileSystem.requireAccess(to: FileSystem.parent(of: path) + "/", W_OK | X_OK)
    if exists { try FileSystem.requireAccess(to: path, W_OK) }
  }

  /// The same under the name that the user knows.
  private static func error(_ error: FileError, naming path: String) -> any ReportedError {
    switch error {
    case .system(.write, _, ENXIO):
      Failure(.inputOutput, "\(path): no process reads from this pipe; start its reader first")
    case .system(let operation, _, let errno): FileError.system(operation, path: path, errno: errno)
    case .content: error
    }
  }
}
