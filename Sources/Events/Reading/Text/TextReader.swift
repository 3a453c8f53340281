import Machine

extension EventReader {
  /// Rows of numbers separated by blanks (`numpy.savetxt`) or by commas (CSV), or with named columns (``TextHead``): then a row is
  /// an event, the columns that are wanted are found by their names, and the others may hold anything.
  ///
  /// Lines end with LF, CR LF or CR; `#` begins a comment that reaches to the end of its line; lines without values are
  /// skipped. A window of more than two pieces is read with all CPUs.
  static let text = EventReader(
    recognises: { _ in true },
    checkHead: { window, request throws(DataError) in
      let head = try TextHead(&window, request)
      if let header = head.header {
        _ = try TextRow(header, head, window, request)
      } else {
        try request.requireNothingByHeader(in: window.path)
      }
    },
    read: { window, request throws(DataError) in
      let head = try TextHead(&window, request)
      if let header = head.header { return .table(try readColumns(&window, header, head, request)) }
      try request.requireNothingByHeader(in: window.path)
      return .table(try readRows(&window, head, request))
    })
}

extension EventRequest {
  /// Refuses a text file without names of columns, if any are wanted that have no other.
  fileprivate func requireNothingByHeader(in path: String) throws(DataError) {
    try requireNothingByName(
      in: path, "no header names the columns", advice: "write the names of the columns into the first line")
  }
}

extension TextRow {
  /// What a row is where this header names the columns of the rows that the window shows.
  fileprivate init(
    _ header: TextHeader, _ head: TextHead, _ window: borrowing FileWindow, _ request: EventRequest
  ) throws(DataError) {
    let firstRow = startOfFirstRow(window.buffer.span.extracting(0..<window.count))
    let found = header.columns(of: window.buffer.span.extracting(0..<window.count), from: firstRow)
    let (names, separator) =
      found ?? header.likeliestColumns(of: window.buffer.span.extracting(0..<window.count), from: firstRow)
    try self.init(names, separator, isComment: head.isComment, request, file: window.path)
  }
}

private func readRows(
  _ window: inout FileWindow, _ head: TextHead, _ request: EventRequest
) throws(DataError) -> EventTable {
  var rows = TextRows(
    file: window.path, fileSize: window.size, layout: request.layout, line: head.line, lineStart: head.lineStart)
  repeat {
    let complete = window.completeValues
    guard complete > 0 || window.atEnd else {
      throw rows.fault(
        at: window.offset, "a word or header of more than \(window.count) bytes", "check that this is a text file")
    }
    try rows.read(window.buffer.span.extracting(0..<complete), at: window.offset, pieceSize: request.pieceSize)
    try window.advance(by: complete)
  } while window.count > 0
  return try rows.table(end: window.offset)
}

private func readColumns(
  _ window: inout FileWindow, _ header: TextHeader, _ head: TextHead, _ request: EventRequest
) throws(DataError) -> EventTable {
  let firstRow = startOfFirstRow(window.buffer.span.extracting(0..<window.count))
  let isWhole =
    window.atEnd || endOfLine(window.buffer.span.extracting(0..<window.count), from: firstRow) < window.count
  let row = try TextRow(header, head, window, request)
  var columns = TextColumns(row, firstLine: head.line, fileSize: window.size)
  guard firstRow < window.count || window.atEnd else {
    throw DataError(
      .badData, file: window.path, what: "comments below the header of more than \(window.count) bytes",
      advice: "move them above it")
  }
  guard isWhole else { throw columns.rowTooLong(window.count) }
  while window.count > 0 {
    let whole =
      window.atEnd
      ? window.count : lengthOfWholeRows(window.buffer.span.extracting(0..<window.count), row.separator)
    guard whole > 0 else { throw columns.rowTooLong(window.count) }
    try columns.read(window.buffer.span.extracting(0..<whole), at: window.offset, pieceSize: request.pieceSize)
    try window.advance(by: whole)
  }
  return columns.table()
}

/// Where the first line begins that is neither blank nor a comment.
func startOfFirstRow(_ bytes: Span<UInt8>) -> Int {
  var position = 0
  while position < bytes.count {
    let (start, end) = (startOfWord(bytes, from: position), endOfLine(bytes, from: position))
    if start < end, bytes[start] != Byte.hash { return position }
    position = end < bytes.count ? startOfNextLine(bytes, from: end) : end
  }
  return position
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
