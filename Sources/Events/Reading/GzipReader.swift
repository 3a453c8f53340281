import Formats
import Machine

/// What a gzip file holds, as it is unpacked from its beginning on: one member or several that follow one another.
final class GzipReader {
  static let magic: [UInt8] = [0x1F, 0x8B]

  private let file: SharedFile
  private let inflater = Inflater(.gzip)
  /// Bytes of the file, of which those in `unread` were not unpacked yet.
  private var packed = [UInt8](repeating: 0, count: 1 << 18)
  private var unread = 0..<0
  /// Where in the file the next bytes are.
  private var offset = 0
  /// Whether a member has ended and none has begun.
  private var isBetweenMembers = false
  private(set) var isAtEnd = false

  init(_ file: SharedFile) { self.file = file }

  /// Goes back to the beginning.
  func rewind() {
    inflater.reset()
    (unread, offset, isBetweenMembers, isAtEnd) = (0..<0, 0, false, false)
  }

  /// Fills `buffer` from place `start` on, as far as there are bytes. Returns how many there were.
  func read(into buffer: inout [UInt8], from start: Int) throws(FileError) -> Int {
    var end = start
    while end < buffer.count, !isAtEnd {
      if unread.isEmpty {
        let count = try file.file.read(at: offset, into: &packed, from: 0)
        (unread, offset) = (0..<count, offset + count)
      }
      guard !unread.isEmpty else {
        guard isBetweenMembers else { throw fault("a truncated gzip file", "write or copy it again") }
        isAtEnd = true
        break
      }
      if isBetweenMembers, try !beginMember() { continue }
      var output = buffer.mutableSpan
      do throws(FormatError) {
        let progress = try inflater.inflate(packed.span.extracting(unread), into: &output, from: end)
        end += progress.given
        unread = unread.lowerBound + progress.taken..<unread.upperBound
        isBetweenMembers = progress.isAtEnd
      } catch { throw fault("a gzip file with \(error.what)", error.advice) }
    }
    return end - start
  }

  /// Begins the member at hand; false where there are only zeros, which may stand behind the last one.
  private func beginMember() throws(FileError) -> Bool {
    let first = packed[unread.lowerBound]
    if first == 0 {
      unread = unread.lowerBound + 1..<unread.upperBound
      return false
    }
    guard first == Self.magic[0] else {
      throw fault("a gzip file followed by other data", "write or copy it again")
    }
    inflater.reset()
    isBetweenMembers = false
    return true
  }

  private func fault(_ problem: String, _ advice: String) -> FileError {
    .content(path: file.file.path, problem: problem, advice: advice)
  }
}

extension SharedFile {
  /// About how many bytes a gzip file of `size` bytes holds: for one member below 4 GiB it ends with their number.
  func unpackedSize(ofGzip size: Int) throws(FileError) -> Int {
    // Text is packed to a tenth or more.
    let likely = size.multipliedReportingOverflow(by: 8)
    guard size >= 18, size < 1 << 28 else { return likely.overflow ? size : likely.partialValue }
    var last = [UInt8](repeating: 0, count: 4)
    _ = try file.read(at: size - 4, into: &last, from: 0)
    let count = last.reversed().reduce(0) { $0 << 8 | Int($1) }
    return count >= size / 2 && count / Inflater.largestRatio <= size ? count : likely.partialValue
  }
}
