/// Writes an ``OutputFile`` piece by piece: a file appears under its name, or replaces the one that has it, when all is written, and a
/// stream gets the pieces as they come.
///
/// The pieces of a file go to a temporary one beside it, `.name.tmp-<process>`. Without ``finish()`` it is deleted with the writer, and
/// so it is by SIGINT, SIGTERM and SIGHUP, which then end the process as ever (``UnfinishedFile``); `kill -9` leaves it. One writer a
/// process.
public final class OutputWriter {
  /// As the user wrote it.
  private let path: String
  private let place: Place
  /// The bytes that were appended.
  public private(set) var size = 0
  private var isFinished = false

  enum Place {
    /// The temporary file, the path that it takes in the end, and what was there.
    case file(SharedFile, target: String, FileStatus?)
    case stream(OutputFile.Stream)
    case standard(StandardStream)
  }

  init(_ path: String, _ place: Place) {
    self.path = path
    self.place = place
  }

  deinit {
    guard !isFinished, case .file(let file, _, _) = place else { return }
    // What cannot be deleted stays: there is nobody to hear of it.
    try? FileSystem.remove(file.file.path)
    UnfinishedFile.forget()
  }

  /// Appends bytes.
  public func append(_ bytes: [UInt8]) throws {
    try reporting { () throws(FileError) in
      switch place {
      case .file(let file, _, _): try file.file.write(bytes, at: size)
      case .stream(let stream): try stream.file.write(bytes)
      case .standard(let stream): try OpenFile.write(bytes, to: stream, as: path)
      }
    }
    size += bytes.count
  }

  /// Writes over bytes of a file that were appended before; not for a stream.
  public func replace(_ bytes: [UInt8], at offset: Int) throws {
    precondition(offset >= 0 && offset + bytes.count <= size, "bytes that were appended")
    guard case .file(let file, _, _) = place else { preconditionFailure("a stream has no places") }
    try reporting { () throws(FileError) in try file.file.write(bytes, at: offset) }
  }

  /// Reads bytes of a file that were appended before; not for a stream.
  public func read(at offset: Int, count: Int) throws -> [UInt8] {
    precondition(offset >= 0 && count >= 0 && offset + count <= size, "bytes that were appended")
    guard case .file(let file, _, _) = place else { preconditionFailure("a stream has no places") }
    let bytes = try reporting { () throws(FileError) in try file.file.read(at: offset, count: count) }
    guard bytes.count == count else { throw OutputFile.failure(.system(.write, path: path, errno: EIO), naming: path) }
    return bytes
  }

  /// Gives a file its name, once the disk has it all.
  public func finish() throws {
    defer { isFinished = true }
    guard case .file(let file, let target, let old) = place else { return }
    do throws(FileError) {
      if let old { try file.file.takePermissions(of: old) }
      try file.file.synchronize()
      try FileSystem.rename(file.file.path, to: target)
    } catch {
      try? FileSystem.remove(file.file.path)
      UnfinishedFile.forget()
      throw OutputFile.failure(error, naming: path)
    }
    UnfinishedFile.forget()
    try reporting { () throws(FileError) in
      try FileSystem.synchronizeDirectory(FileSystem.parent(of: target))
    }
  }

  private func reporting<Value>(_ body: () throws(FileError) -> Value) throws -> Value {
    do throws(FileError) { return try body() } catch { throw OutputFile.failure(error, naming: path) }
  }
}
