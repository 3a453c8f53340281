/// An open file, closed when it goes. With `FileSystem`, the only place that calls the C library for files:
/// calls that a signal interrupted are made again and short writes are continued.
public struct OpenFile: ~Copyable {
  public enum Mode {
    /// An existing file, for reading.
    case read
    /// An existing file, for reading and writing.
    case update
    /// A file that must not exist yet.
    case create
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
      case .create: O_WRONLY | O_CREAT | O_EXCL
      }
    let operation = mode == .read ? FileError.Operation.read : .write
    // The path is valid for the call, and the mode is there, as O_CREAT wants it.
    descriptor = try Int32(FileSystem.check(operation, path) { unsafe Int(open(path, flags | O_CLOEXEC, 0o666)) })
    self.path = path
    self.operation = operation
  }

  // Nothing to report: an error of what was written has come out of `fsync`.
  deinit { _ = systemClose(descriptor) }

  /// The size of the file in bytes. The corresponding C function is `fstat`.
  public func size() throws(FileError) -> Int { Int(try status().st_size) }

  /// Whether it is a regular file: no directory, pipe or device. The corresponding C function is `fstat`.
  public func isRegular() throws(FileError) -> Bool { try status().st_mode & S_IFMT == S_IFREG }

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
    var done = 0
    while start + done < bytes.count {
      let more = try FileSystem.check(operation, path) {
        // Writes at most the rest of the buffer.
        unsafe bytes.withUnsafeMutableBytes { buffer in
          let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[(start + done)...])
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
