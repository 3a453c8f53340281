extension EventReader {
  /// Rows of numbers separated by blanks (`numpy.savetxt`) or by commas (CSV).
  ///
  /// Lines end with LF, CR LF or CR; `#` begins a comment that reaches to the end of its line; lines without values are
  /// skipped. In the layout `eventsByRow` the first line may name the columns.
  ///
  /// A window of more than two pieces is read with all CPUs. Integer columns are taken in a second pass.
  static let text = EventReader(recognises: { _ in true }) { window, request throws(DataError) in
    var table = try readText(&window, request)
    try readIntegers(&window, request.identity, into: &table)
    return table
  }
}

private func readText(_ window: inout FileWindow, _ request: EventRequest) throws(DataError) -> EventTable {
  var rows = TextRows(file: window.path, fileSize: window.size, layout: request.layout)
  repeat {
    let consumed = try rows.read(
      window.buffer.span.extracting(0..<window.completeValues), at: window.offset, isLast: window.atEnd,
      pieceSize: request.pieceSize)
    guard consumed > 0 || window.atEnd else {
      throw rows.fault(
        at: window.offset, "a word or header of more than \(window.count) bytes", "check that this is a text file")
    }
    try window.advance(by: consumed)
  } while window.count > 0
  return try rows.table(end: window.offset)
}

extension FileWindow {
  /// The number of bytes in view that cut no value.
  var completeValues: Int { atEnd ? count : lengthOfCompleteValues(buffer.span.extracting(0..<count)) }
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
