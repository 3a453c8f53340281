import Formats
import Machine

// What the readers of `.npy` files have in common.

extension NpyHeader {
  init(_ window: borrowing FileWindow) throws(DataError) {
    // How many bytes a packed file holds is not known yet.
    let size = window.isPacked && !window.atEnd ? Int.max : window.isPacked ? window.count : window.size
    do throws(FormatError) {
      self = try NpyHeader(window.buffer.span.extracting(0..<window.count), size: size)
    } catch { throw DataError(.badData, file: window.path, what: error.what, advice: error.advice) }
  }

  /// The type of the values of a plain array.
  func number(in file: String) throws(DataError) -> NpyNumber {
    guard let number = NpyNumber(descr: descr) else {
      throw DataError(
        .badData, file: file, what: "values of type \(descr.abridged()), but only \(NpyNumber.known) can be read",
        advice: "save array.astype(\"float32\")")
    }
    return number
  }

  /// The size of the file in bytes according to its header; `Int.max` if it would overflow.
  var fileSize: Int {
    var (bytes, isTooMany) = (itemSize ?? 1, false)
    for extent in shape where !isTooMany { (bytes, isTooMany) = bytes.multipliedReportingOverflow(by: extent) }
    let (sum, overflows) = bytes.addingReportingOverflow(dataOffset)
    return isTooMany || overflows ? .max : sum
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
