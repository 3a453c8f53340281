import Machine

/// The columns of a text file that are wanted, of all those that its head names, as they are read window by window. What the
/// others hold does not matter: text, nothing, values that are not finite.
struct TextColumns {
  let row: TextRow
  private var rows = 0
  /// The values of the rows so far: (rows, features).
  private var values: [Float] = []
  /// What else was requested.
  private var columns: EventColumns
  /// The line behind those rows, from 1.
  private var line: Int
  private let fileSize: Int

  init(_ row: TextRow, firstLine: Int, fileSize: Int) {
    self.row = row
    line = firstLine
    self.fileSize = fileSize
    columns = row.noColumns
  }

  /// Reads whole rows at `offset` in the file, with all CPUs: pieces of about `pieceSize` at the same time.
  mutating func read(_ bytes: Span<UInt8>, at offset: Int, pieceSize: Int) throws(DataError) {
    // Within quotation marks a line may end without ending its row.
    let canCut = bytes.count > 2 * pieceSize && !bytes.indices.contains { bytes[$0] == Byte.quote }
    let pieces = canCut ? cut(bytes, into: pieceSize) : [0..<bytes.count]
    for (piece, cells) in zip(pieces, cells(of: bytes, in: pieces)) {
      if let fault = cells.fault { throw fault.error(in: row, firstLine: line, bytes) }
      let bytesRead = offset + piece.upperBound
      try values.reserve(
        values.count + cells.values.count, bytesRead: bytesRead, ofFile: row.file, fileSize: fileSize)
      values.append(contentsOf: cells.values)
      rows += cells.rows
      for number in columns.numbers.indices {
        try columns.numbers[number].reserve(rows, bytesRead: bytesRead, ofFile: row.file, fileSize: fileSize)
      }
      columns.append(cells.columns)
      line += cells.lines
    }
  }

  /// The events of the rows that were read since the last call.
  mutating func take() -> EventTable {
    defer { (rows, values, columns) = (0, [], row.noColumns) }
    return row.table(events: rows, values, columns)
  }

  /// The error of a row at the beginning of a window of `count` bytes, which it does not fit into.
  func rowTooLong(_ count: Int) -> DataError {
    DataError(
      .badData, file: row.file, line: line, what: "a row of more than \(count) bytes",
      advice: "check that this is a text file, and that its quotation marks come in pairs")
  }

  private func cells(of bytes: Span<UInt8>, in pieces: [Range<Int>]) -> [TextCells] {
    let row = row
    // SAFETY: the bytes are only read, and all is done before the pointer ends.
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      nonisolated(unsafe) let bytes = unsafe bytes
      return concurrentMap(pieces.count) { piece in
        unsafe TextCells(Span(_unsafeElements: bytes), in: pieces[piece], row)
      }
    }
  }
}

/// The number of bytes up to and with the last line that ends a row.
func lengthOfWholeRows(_ bytes: Span<UInt8>, _ separator: TextSeparator) -> Int {
  // A carriage return at the very end may have its newline in the next window.
  let last = bytes.count - (bytes.count > 0 && bytes[bytes.count - 1] == Byte.carriageReturn ? 1 : 0)
  if !bytes.indices.contains(where: { bytes[$0] == Byte.quote }) {
    var length = last
    while length > 0, !Byte.endsLine(bytes[length - 1]) { length -= 1 }
    return length
  }
  var length = 0
  while length < last, let row = separator.row(of: bytes, from: length), row.end < last {
    length = startOfNextLine(bytes, from: row.end)
  }
  return length
}

/// Cuts bytes behind line ends into pieces of about `size` bytes.
private func cut(_ bytes: Span<UInt8>, into size: Int) -> [Range<Int>] {
  var pieces: [Range<Int>] = []
  var start = 0
  while start < bytes.count {
    var end = min(start + size, bytes.count)
    while end < bytes.count, bytes[end - 1] != Byte.newline { end += 1 }
    pieces.append(start..<end)
    start = end
  }
  return pieces
}
