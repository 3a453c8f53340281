import Machine

/// Reads the rows of a text file, each of which is an event, window by window. What was read can be taken at any time.
///
/// Holds the values of the rows that were not taken yet.
struct TextWindows {
  /// One of them: with names of columns, or without.
  private var columns: TextColumns?
  private var rows: TextRows?
  private let request: EventRequest

  /// The rows behind the header that the window shows, or behind the names that the run file gives.
  init(
    _ window: borrowing FileWindow, _ header: TextHeader, _ head: TextHead, _ request: EventRequest
  ) throws(DataError) {
    let firstRow = startOfFirstRow(window.buffer.span.extracting(0..<window.count))
    let isWhole =
      window.atEnd || endOfLine(window.buffer.span.extracting(0..<window.count), from: firstRow) < window.count
    let row = try TextRow(header, head, window, request)
    let columns = TextColumns(row, firstLine: head.line, fileSize: window.size)
    guard firstRow < window.count || window.atEnd else {
      throw DataError(
        .badData, file: window.path, what: "comments below the header of more than \(window.count) bytes",
        advice: "move them above it")
    }
    guard isWhole else { throw columns.rowTooLong(window.count) }
    (self.columns, self.request) = (columns, request)
  }

  /// Rows without names; in any layout, if all are read before they are taken.
  init(_ window: borrowing FileWindow, _ head: TextHead, _ request: EventRequest) {
    rows = TextRows(
      file: window.path, fileSize: window.size, layout: request.layout, line: head.line, lineStart: head.lineStart,
      dialect: request.text)
    self.request = request
  }

  /// Reads what the window shows, as far as it is whole, and moves the window behind it; false at the end of the file.
  mutating func read(_ window: inout FileWindow) throws(DataError) -> Bool {
    let whole: Int
    if let row = columns?.row {
      guard window.count > 0 else { return false }
      whole =
        window.atEnd
        ? window.count : lengthOfWholeRows(window.buffer.span.extracting(0..<window.count), row.separator)
      guard whole > 0 else { throw columns?.rowTooLong(window.count) ?? tooLong(window) }
    } else {
      whole = window.completeValues
      guard whole > 0 || window.atEnd else { throw tooLong(window) }
    }
    try columns?.read(
      window.buffer.span.extracting(0..<whole), at: window.offset, pieceSize: request.pieceSize)
    try rows?.read(window.buffer.span.extracting(0..<whole), at: window.offset, pieceSize: request.pieceSize)
    try window.advance(by: whole)
    if window.count == 0 { try rows?.end(at: window.offset) }
    return window.count > 0
  }

  /// The events of the whole rows that were not taken yet.
  mutating func take() -> EventTable {
    if let table = columns?.take() { return table }
    guard let table = rows?.take() else { preconditionFailure("rows with or without names") }
    return request.takesFeatures ? table : EventTable(events: table.events)
  }

  private func tooLong(_ window: borrowing FileWindow) -> DataError {
    let error = rows?.fault(
      at: window.offset, "a word or header of more than \(window.count) bytes", "check that this is a text file")
    guard let error else { preconditionFailure("rows without names") }
    return error
  }
}
