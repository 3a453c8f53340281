import Formats
import Machine

// What the readers of `.npy` files have in common.

extension NpyHeader {
  init(_ window: borrowing FileWindow) throws(DataError) {
    do throws(FormatError) {
      self = try NpyHeader(window.buffer.span.extracting(0..<window.count), size: window.size)
    } catch { throw DataError(.badData, file: window.path, what: error.what, advice: error.advice) }
  }

  /// The type of the values of a plain array.
  func number(in file: String) throws(DataError) -> NpyNumber {
    guard let number = NpyNumber(descr: descr) else {
      throw DataError(
        .badData, file: file, what: "values of type \(descr.abridged()), where \(NpyNumber.known) are read",
        advice: "save array.astype(\"float32\")")
    }
    return number
  }

  /// The shape as Python writes it.
  var shapeText: String {
    "(" + shape.map { "\($0)" }.joined(separator: ", ").abridged() + (shape.count == 1 ? ",)" : ")")
  }

  /// Refuses a file of `size` bytes unless it holds just the values of the shape, each of which takes `itemSize`.
  func requireValues(of itemSize: Int, in file: String, size: Int) throws(DataError) {
    var (bytes, isTooMany) = (itemSize, false)
    for extent in shape {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: extent)
      (bytes, isTooMany) = (product, isTooMany || overflows)
    }
    let held = size - dataOffset
    guard !isTooMany, bytes == held else {
      let wanted = isTooMany ? "more than a file can hold" : "\(bytes) bytes"
      throw DataError(
        .badData, file: file,
        what: "the header says shape \(shapeText), which takes \(wanted), but \(held) bytes follow",
        advice: !isTooMany && bytes < held
          ? "save one array per file" : "the file is cut off: write or copy it again")
    }
  }
}

extension SharedFile {
  /// Reads `count` bytes from `place` on into the beginning of `bytes`.
  func fill(_ bytes: inout MutableRawSpan, count: Int, at place: Int) throws(EventFault) {
    do throws(FileError) {
      guard try file.read(at: place, count: count, into: &bytes) < count else { return }
    } catch { throw EventFault(place: 0, error: DataError(error)) }
    throw EventFault(
      place: 0,
      error: DataError(
        .badData, file: file.path, what: "cut off while it was read", advice: "let nothing write to it and run again"))
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
