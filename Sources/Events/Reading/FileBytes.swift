import Machine

/// The bytes that the values of an array are read from, at any place: those of a file, or those that were unpacked from it.
enum FileBytes: Sendable {
  case file(SharedFile)
  case memory([UInt8], path: String)

  /// The path of the file, as messages show it.
  var path: String {
    switch self {
    case .file(let file): file.file.path
    case .memory(_, let path): path
    }
  }

  /// Reads `count` bytes from `place` on into the beginning of `bytes`.
  func fill(_ bytes: inout MutableRawSpan, count: Int, at place: Int) throws(EventFault) {
    switch self {
    case .file(let file):
      do throws(FileError) {
        guard try file.file.read(at: place, count: count, into: &bytes) < count else { return }
      } catch { throw EventFault(place: 0, error: DataError(error)) }
      throw EventFault(
        place: 0,
        error: DataError(
          .badData, file: path, what: "truncated while it was being read",
          advice: "make sure that nothing writes to it, and run again"))
    case .memory(let all, _):
      precondition(place >= 0 && count >= 0 && place + count <= all.count && count <= bytes.byteCount)
      // SAFETY: both ranges are there, by the line above, and of different memory.
      unsafe bytes.withUnsafeMutableBytes { target in
        unsafe all.withUnsafeBytes { source in
          unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[place..<place + count]))
        }
      }
    }
  }

  /// `count` bytes from `place` on.
  func bytes(_ count: Int, at place: Int) throws(EventFault) -> [UInt8] {
    var raw = [UInt8](repeating: 0, count: count)
    var span = raw.mutableSpan
    var bytes = unsafe span.mutableBytes
    try fill(&bytes, count: count, at: place)
    return raw
  }
}
