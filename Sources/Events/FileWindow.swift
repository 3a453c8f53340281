#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open file, seen through a window that moves forward over its bytes.
///
/// Reads instead of mapping: a mapped file that is cut short meanwhile, or whose server fails, kills the process
/// with a bus error, and a window bounds the memory that a large text file takes.
struct FileWindow: ~Copyable {
  /// The path, as messages show it.
  let path: String
  /// The size of the file when it was opened, in bytes.
  let size: Int
  /// The bytes in view are `buffer[..<count]`.
  private(set) var buffer: [UInt8]
  private(set) var count = 0
  /// Where in the file the window begins, in bytes.
  private(set) var offset = 0
  /// Whether the window reaches to the end of the file.
  private(set) var atEnd = false
  private let descriptor: Int32

  /// Opens a regular file and looks at its first `capacity` bytes.
  static func open(_ path: String, capacity: Int) throws(DataError) -> FileWindow {
    let (descriptor, size) = try openRegularFile(path)
    var window = FileWindow(path: path, size: size, capacity: capacity, descriptor: descriptor)
    try window.fill()
    return window
  }

  private init(path: String, size: Int, capacity: Int, descriptor: Int32) {
    self.path = path
    self.size = size
    self.descriptor = descriptor
    // One byte more than a small file holds lets the first look find its end.
    buffer = [UInt8](repeating: 0, count: min(capacity, size + 1))
  }

  deinit { close(descriptor) }

  /// Moves the beginning of the window forward by `consumed` bytes and fills it up.
  mutating func advance(by consumed: Int) throws(DataError) {
    precondition(consumed >= 0 && consumed <= count)
    for index in consumed..<count { buffer[index - consumed] = buffer[index] }
    count -= consumed
    offset += consumed
    try fill()
  }

  private mutating func fill() throws(DataError) {
    while count < buffer.count && !atEnd {
      let (descriptor, filled) = (descriptor, count)
      // SAFETY: read(2) writes only into the slice that it is given, which is part of the buffer.
      let received = unsafe buffer.withUnsafeMutableBytes { bytes in
        let free = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
        return unsafe read(descriptor, free.baseAddress, free.count)
      }
      if received < 0 {
        if errno == EINTR { continue }
        throw DataError(errno: errno, file: path)
      }
      atEnd = received == 0
      count += received
    }
  }
}

/// Opens a file for reading; it must be a regular one.
private func openRegularFile(_ path: String) throws(DataError) -> (descriptor: Int32, size: Int) {
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  // SAFETY: open(2) reads its string and keeps nothing.
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw DataError(errno: errno, file: path) }
  var status = stat()
  // SAFETY: fstat(2) writes only into `status`.
  let failed = unsafe fstat(descriptor, &status) != 0
  let code = failed ? errno : 0
  let type = status.st_mode & S_IFMT
  if failed || type != S_IFREG {
    close(descriptor)
    if failed { throw DataError(errno: code, file: path) }
    if type == S_IFDIR { throw DataError(errno: EISDIR, file: path) }
    throw DataError(
      .missing, file: path, what: "not a regular file but a pipe or device",
      advice: "write the events to a file, since a resumed run reads them again")
  }
  return (descriptor, Int(status.st_size))
}

extension DataError {
  /// What errno `code` means for an event file that was to be read.
  package init(errno code: Int32, file: String) {
    switch code {
    case ENOENT, ENOTDIR:
      let folder = directory(of: file)
      // SAFETY: access(2) reads its string and keeps nothing.
      let exists = unsafe access(folder, F_OK) == 0
      self.init(
        .missing, file: file, what: "no such file",
        advice: exists
          ? "looked in the directory \(folder), which exists: check the file's name"
          : "the directory \(folder) does not exist: check data.directory and the file's path")
    case EISDIR:
      self.init(.missing, file: file, what: "a directory, not a file", advice: "name the event files in it")
    case EACCES, EPERM:
      self.init(
        .missing, file: file, what: "not readable for this user",
        advice: "check the permissions of the file and of the directories above it")
    default:
      // SAFETY: strerror returns a string that lives until its next call, and it is copied at once.
      let reason = unsafe String(cString: strerror(code))
      self.init(
        .inputOutput, file: file, what: "cannot be read: \(reason)", advice: "check the file system and run again")
    }
  }
}

/// The directory that holds `path`.
private func directory(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
