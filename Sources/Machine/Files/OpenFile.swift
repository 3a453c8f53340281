/// An open file, closed when it goes. With `FileSystem`, the only place that calls the C library for files:
/// calls that a signal interrupted are made again and short writes are continued.
public struct OpenFile: ~Copyable, Sendable {
  public enum Mode: Sendable {
    /// An existing file, for reading.
    case read
    /// An existing file, for reading and writing.
    case update
    /// A file that must not exist yet, for writing and reading.
    case create
    /// A pipe or device that exists, for writing from wherever it stands.
    case stream
  }

  public let path: String
  private let operation: FileError.Operation
  private let descriptor: Int32

  /// The corresponding C function is `open`.
  public init(_ path: String, _ mode: Mode) throws(FileError) {
    let flags =
      switch mode {
      // Without O_NONBLOCK, opening a pipe would wait for its writer.
      case .read: O_RDONLY | O_NONBLOCK
      case .update: O_RDWR
      case .create: O_RDWR | O_CREAT | O_EXCL
      // Without O_NONBLOCK, opening a pipe would wait for its reader, who may never come.
      case .stream: O_WRONLY | O_NONBLOCK | O_NOCTTY
      }
    let operation = mode == .read ? FileError.Operation.read : .write
    // The path is valid for the call, and the mode is there, as O_CREAT wants it.
    descriptor = try Int32(FileSystem.check(operation, path) { unsafe Int(open(path, flags | O_CLOEXEC, 0o666)) })
    self.path = path
    self.operation = operation
    // A reader that is slow is waited for.
    if mode == .stream { _ = fcntl(descriptor, F_SETFL, O_WRONLY) }
  }

  // Nothing to report: an error of what was written has come out of `fsync`.
  deinit { _ = systemClose(descriptor) }

  /// The size of the file in bytes. The corresponding C function is `fstat`.
  public func size() throws(FileError) -> Int { Int(try status().st_size) }

  /// Whether it is a regular file: no directory, pipe or device. The corresponding C function is `fstat`.
  public func isRegular() throws(FileError) -> Bool { try status().st_mode & S_IFMT == S_IFREG }

  /// What tells this file from all others, whatever its paths are. The corresponding C function is `fstat`.
  public func identity() throws(FileError) -> FileIdentity { FileIdentity(try status()) }

  /// How large the file is, and when it was written last. The corresponding C function is `fstat`.
  public func stamp() throws(FileError) -> FileStamp {
    let status = try status()
    let nanoseconds = { (time: timespec) in Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec) }
    return FileStamp(
      size: Int(status.st_size), modified: nanoseconds(status.st_mtim), changed: nanoseconds(status.st_ctim))
  }

  private func status() throws(FileError) -> stat {
    var status = stat()
    // The call fills in `status` and keeps no pointer to it.
    try FileSystem.check(operation, path) { unsafe Int(fstat(descriptor, &status)) }
    return status
  }

  /// The bytes from `offset` on: `count` of them, or as many as there are. The corresponding C function is `pread`.
  public func read(at offset: Int = 0, count: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    bytes.removeLast(count - (try read(at: offset, into: &bytes, from: 0)))
    return bytes
  }

  /// Puts the bytes of the file from `offset` on into `bytes[start...]`, as many as have room there or as there are, and
  /// returns their number. The corresponding C function is `pread`.
  public func read(at offset: Int, into bytes: inout [UInt8], from start: Int) throws(FileError) -> Int {
    // Writes at most the rest of the array.
    try unsafe read(at: offset, count: bytes.count - start) { body in
      unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe body(UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
      }
    }
  }

  /// Puts `count` bytes of the file from `offset` on at the beginning of `bytes`, or as many as there are, and returns their
  /// number. Any number of threads may read at the same time. The corresponding C function is `pread`.
  public func read(at offset: Int, count: Int, into bytes: inout MutableRawSpan) throws(FileError) -> Int {
    precondition(count <= bytes.byteCount, "\(count) bytes into \(bytes.byteCount)")
    // Writes at most the span.
    return try unsafe read(at: offset, count: count) { body in
      unsafe bytes.withUnsafeMutableBytes { buffer in unsafe body(buffer) }
    }
  }

  /// The same for the `count` bytes that `room` lets its argument write.
  private func read(
    at offset: Int, count: Int, _ room: ((UnsafeMutableRawBufferPointer) -> Int) -> Int
  ) throws(FileError) -> Int {
    var done = 0
    while done < count {
      let more = try FileSystem.check(operation, path) {
        unsafe room { buffer in
          let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<count])
          return unsafe pread(descriptor, rest.baseAddress, rest.count, offset + done)
        }
      }
      if more == 0 { break }
      done += more
    }
    return done
  }

  /// Puts all of `bytes` at `offset`. The corresponding C function is `pwrite`.
  public func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.count {
      done += try FileSystem.check(operation, path) {
        // Reads no more than the rest of the buffer.
        unsafe bytes.withUnsafeBytes { buffer in
          let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
          return unsafe pwrite(descriptor, rest.baseAddress, rest.count, offset + done)
        }
      }
    }
  }

  /// Writes `bytes` where a stream stands. A reader that goes away is an error, not the end of the process.
  public func write(_ bytes: [UInt8]) throws(FileError) { try Self.write(bytes, to: descriptor, path) }

  /// Writes `bytes` into a standard stream; errors name it `path`.
  static func write(_ bytes: [UInt8], to stream: StandardStream, as path: String) throws(FileError) {
    try write(bytes, to: stream.rawValue, path)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(FileError) {
    signal(SIGPIPE, SIG_IGN)
    var done = 0
    while done < bytes.count {
      done += try FileSystem.check(.write, path) {
        // Reads no more than the rest of the buffer.
        unsafe bytes.withUnsafeBytes { buffer in
          let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
          return unsafe systemWrite(descriptor, rest.baseAddress, rest.count)
        }
      }
    }
  }

  /// Gives this file the permissions of `other`, and its owner where the system allows that.
  /// The corresponding C functions are `fchown` and `fchmod`.
  func takePermissions(of other: FileStatus) throws(FileError) {
    // Before the mode, as a change of the owner clears the set-user-ID bit. Only root can give files away.
    _ = fchown(descriptor, other.owner, other.group)
    try FileSystem.check(operation, path) { Int(fchmod(descriptor, other.permissions)) }
  }

  /// Puts `bytes` at `end`, the end of what counts in the file, and waits until the disk has them.
  /// On failure the file is cut back to `end`.
  public func append(_ bytes: [UInt8], at end: Int) throws(FileError) {
    do {
      try write(bytes, at: end)
      try synchronize()
    } catch {
      // The first error is the one to report; what cannot be cut back is cut back on resume.
      try? truncate(to: end)
      throw error
    }
  }

  /// Cuts the file back to `size` bytes. The corresponding C function is `ftruncate`.
  public func truncate(to size: Int) throws(FileError) {
    try FileSystem.check(operation, path) { Int(ftruncate(descriptor, size)) }
  }

  /// Waits until the disk has what was written. The corresponding C function is `fsync`.
  public func synchronize() throws(FileError) {
    try FileSystem.check(operation, path) { Int(fsync(descriptor)) }
  }
}
