/// Reads a text file from its beginning: rows of numbers separated by blanks (`numpy.savetxt`) or by commas (CSV).
///
/// Lines end with LF, CR LF or CR; `#` begins a comment that reaches to the end of its line; lines without values are
/// skipped. In the layout `eventsByRow` the first line may name the columns.
///
/// A window of more than two pieces of `pieceSize` bytes is read with all CPUs.
func readText(_ window: inout FileWindow, layout: FileLayout, pieceSize: Int) throws(DataError) -> EventTable {
  var rows = TextRows(file: window.path, fileSize: window.size, layout: layout)
  repeat {
    let consumed: Int
    do {
      let bytes = window.buffer.span.extracting(0..<window.count)
      let complete = window.atEnd ? bytes.count : lengthOfCompleteValues(bytes)
      consumed = try rows.read(
        bytes.extracting(0..<complete), at: window.offset, isLast: window.atEnd, pieceSize: pieceSize)
    }
    guard consumed > 0 || window.atEnd else {
      throw rows.fault(
        at: window.offset, "a word or header of more than \(window.count) bytes", "check that this is a text file")
    }
    try window.advance(by: consumed)
  } while window.count > 0
  return try rows.table(end: window.offset)
}

/// The number of bytes up to and with the last one that separates values, so that no value is cut.
func lengthOfCompleteValues(_ bytes: Span<UInt8>) -> Int {
  var length = bytes.count
  while length > 0 {
    switch bytes[length - 1] {
    case Byte.space, Byte.tab, Byte.comma, Byte.newline: return length
    // A carriage return at the very end may have its newline in the next window.
    case Byte.carriageReturn where length < bytes.count: return length
    default: length -= 1
    }
  }
  return 0
}
