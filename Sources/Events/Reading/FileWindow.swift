import Formats
import Machine

/// An open file, seen through a window that moves forward over its bytes.
///
/// Reads instead of mapping: a mapped file that is cut short meanwhile, or whose server fails, kills the process
/// with a bus error, and a window bounds the memory that a large text file takes.
struct FileWindow: ~Copyable {
  /// The size of the file when it was opened, in bytes; about what it holds, if it is a gzip file.
  private(set) var size: Int
  /// The bytes in view are `buffer[..<count]`.
  private(set) var buffer: [UInt8]
  private(set) var count = 0
  /// Where in the file the window begins, in bytes.
  private(set) var offset = 0
  /// Whether the window reaches to the end of the file.
  private(set) var atEnd = false
  /// How the text of the file is written.
  private var dialect = TextDialect()
  /// Unpacks the file, if it is a gzip file: then it is seen as what it holds.
  private var gzip: GzipReader?
  var isPacked: Bool { gzip != nil }
  /// The most bytes that it can hold, if it is a gzip file.
  private var mostUnpacked = 0
  /// The file itself, for those that read it by other means.
  let file: SharedFile

  /// The path, as messages show it.
  var path: String { file.file.path }

  /// Opens a regular file and looks at its first `capacity` bytes.
  static func open(_ path: String, capacity: Int) throws(DataError) -> FileWindow {
    do throws(FileError) {
      let file = try OpenFile(path, .read)
      if try file.isRegular() {
        let size = try file.size()
        var window = FileWindow(file, size: size, capacity: capacity)
        try window.fill()
        if window.begins(with: GzipReader.magic) { try window.unpack(capacity: capacity) }
        return window
      }
    } catch { throw DataError(error) }
    if FileSystem.isDirectory(path) { throw DataError(FileError.system(.read, path: path, errno: EISDIR)) }
    throw DataError(
      .missing, file: path, what: "not a regular file but a pipe or device",
      advice: "write the events to a file first")
  }

  private init(_ file: consuming OpenFile, size: Int, capacity: Int) {
    self.file = SharedFile(file)
    self.size = size
    // One byte more than a small file holds lets the first look find its end.
    buffer = [UInt8](repeating: 0, count: min(capacity, size + 1))
  }

  /// Whether the bytes in view begin with `magic`.
  func begins(with magic: [UInt8]) -> Bool {
    count >= magic.count && magic.indices.allSatisfy { buffer[$0] == magic[$0] }
  }

  /// Moves the beginning of the window forward by `consumed` bytes and fills it up.
  mutating func advance(by consumed: Int) throws(DataError) {
    precondition(consumed >= 0 && consumed <= count)
    for index in consumed..<count { buffer[index - consumed] = buffer[index] }
    count -= consumed
    offset += consumed
    do throws(FileError) { try fill() } catch { throw DataError(error) }
  }

  /// Moves the window back to the beginning of the file.
  mutating func rewind() throws(DataError) {
    gzip?.rewind()
    (count, offset, atEnd) = (0, 0, false)
    try advance(by: 0)
  }

  /// Shows what a gzip file holds.
  private mutating func unpack(capacity: Int) throws(FileError) {
    gzip = GzipReader(file)
    let (product, overflows) = size.multipliedReportingOverflow(by: Inflater.largestRatio)
    mostUnpacked = overflows ? .max : product
    size = try file.unpackedSize(ofGzip: size)
    buffer = [UInt8](repeating: 0, count: capacity)
    (count, atEnd) = (0, false)
    try fill()
  }

  /// The bytes of the array after a header at the beginning, which is in view, and their number: in memory, where the file is
  /// packed.
  mutating func array(behind header: NpyHeader) throws(DataError) -> (bytes: FileBytes, size: Int) {
    guard isPacked else { return (.file(file), size) }
    let needed = header.fileSize
    var all: [UInt8] = []
    do throws(Failure) {
      // The sizes that a damaged file states are trusted only as far as its bytes can hold.
      try all.reserveHugePages(min(needed, mostUnpacked), orThrow: "the events of \(path) need")
    } catch { throw DataError(exceedingMemory: error) }
    try rewind()
    var size = 0
    while count > 0 {
      // Surplus bytes are only counted.
      if all.count < needed { all += buffer[..<count] }
      size += count
      try advance(by: count)
    }
    return (.memory(all, path: path), size)
  }

  /// Shows text as it is read from now on, whatever the file writes between values and before fractions.
  mutating func translate(from dialect: TextDialect) {
    guard !dialect.isDefault, self.dialect.isDefault else { return }
    self.dialect = dialect
    translate(from: 0)
  }

  private mutating func fill() throws(FileError) {
    guard count < buffer.count, !atEnd else { return }
    let start = count
    if let gzip {
      count += try gzip.read(into: &buffer, from: count)
    } else {
      count += try file.file.read(at: offset + count, into: &buffer, from: count)
    }
    atEnd = count < buffer.count
    translate(from: start)
  }

  /// Translates the bytes that came into view at `start`.
  private mutating func translate(from start: Int) {
    guard !dialect.isDefault else { return }
    let (dialect, range) = (dialect, start..<count)
    var bytes = buffer.mutableSpan
    dialect.translate(&bytes, in: range)
  }
}
