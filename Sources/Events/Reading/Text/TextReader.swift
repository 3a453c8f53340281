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
      window.translate(from: request.text)
      let head = try TextHead(&window, request)
      if let header = head.header ?? request.givenHeader {
        _ = try TextRow(header, head, window, request)
      } else if request.columns.isEmpty {
        try request.requireNothingByHeader(in: window.path)
      } else {
        _ = try TextRow(request.columns, in: .runFile, .blanks, request, file: window.path)
      }
    },
    read: { window, request throws(DataError) in
      window.translate(from: request.text)
      let head = try TextHead(&window, request)
      if let header = head.header ?? request.givenHeader {
        return .table(try Events.read(&window, TextWindows(window, header, head, request)))
      }
      if !request.columns.isEmpty { return .table(try readNamedRows(&window, head, request)) }
      try request.requireNothingByHeader(in: window.path)
      return .table(try Events.read(&window, TextWindows(window, head, request)))
    })
}

extension EventRequest {
  /// The names that the run file gives the columns of a file, where a row is an event.
  fileprivate var givenHeader: TextHeader? {
    columns.isEmpty || layout == .featuresByRow ? nil : TextHeader(given: columns, text)
  }

  /// Refuses a text file without names of columns, if any are wanted that have no other.
  fileprivate func requireNothingByHeader(in path: String) throws(DataError) {
    try requireNothingByName(
      in: path, "no header names the columns", advice: "write the names of the columns into the first line")
  }
}

extension TextWindows {
  /// The rows of the text file that the window shows from its beginning, if they can be taken while it is read, as a row is an event; nil
  /// for any other file.
  init?(text window: inout FileWindow, _ request: EventRequest) throws(DataError) {
    for reader in EventReader.all.dropLast() where reader.recognises(window) { return nil }
    guard window.count > 0 else { return nil }
    window.translate(from: request.text)
    let head = try TextHead(&window, request)
    if let header = head.header ?? request.givenHeader {
      try self.init(window, header, head, request)
    } else if request.columns.isEmpty, request.layout == .eventsByRow {
      try request.requireNothingByHeader(in: window.path)
      self.init(window, head, request)
    } else {
      return nil
    }
  }
}

extension TextRow {
  /// What a row is where this header names the columns of the rows that the window shows.
  init(
    _ header: TextHeader, _ head: TextHead, _ window: borrowing FileWindow, _ request: EventRequest
  ) throws(DataError) {
    let firstRow = startOfFirstRow(window.buffer.span.extracting(0..<window.count))
    let found = header.columns(of: window.buffer.span.extracting(0..<window.count), from: firstRow)
    if head.header == nil { try requireGivenColumns(found != nil, head, firstRow, window, request) }
    let (names, separator) =
      found ?? header.likeliestColumns(of: window.buffer.span.extracting(0..<window.count), from: firstRow)
    let place = head.header == nil ? ColumnNames.Place.runFile : head.isComment ? .comment : .header
    try self.init(names, in: place, separator, request, file: window.path)
  }
}

/// Refuses a file whose first row, if it is in view, has not as many values as the run file names columns.
private func requireGivenColumns(
  _ isFound: Bool, _ head: TextHead, _ start: Int, _ window: borrowing FileWindow, _ request: EventRequest
) throws(DataError) {
  let bytes = window.buffer.span.extracting(0..<window.count)
  let end = endOfLine(bytes, from: start)
  guard !isFound, start < end, window.atEnd || end < bytes.count else { return }
  let cells = request.text.separators.compactMap { $0.row(of: bytes, from: start)?.cells }
  let count = cells.first { $0 > 1 } ?? 1
  let lines = (0..<start).count { bytes[$0] == Byte.newline }
  throw DataError(
    .badData, file: window.path, line: head.line + lines,
    what: "a row of \(counted(count, "value")), but \(EventRequest.columnsKey) names \(request.columns.count)",
    advice: request.columnsAdvice("columns") + "; or is its layout \(request.layout.other.rawValue)?")
}

private func readNamedRows(
  _ window: inout FileWindow, _ head: TextHead, _ request: EventRequest
) throws(DataError) -> EventTable {
  let separator = TextSeparator(ofRow: window.buffer.span.extracting(0..<window.count), request.text)
  let row = try TextRow(request.columns, in: .runFile, separator, request, file: window.path)
  var rows = TextNamedRows(row, line: head.line, lineStart: head.lineStart, fileSize: window.size)
  repeat {
    let whole =
      window.atEnd ? window.count : rows.lengthOfWholeValues(window.buffer.span.extracting(0..<window.count))
    guard whole > 0 || window.atEnd else { throw rows.valueTooLong(window.count, at: window.offset) }
    try rows.read(window.buffer.span.extracting(0..<whole), at: window.offset, pieceSize: request.pieceSize)
    try window.advance(by: whole)
  } while window.count > 0
  return try rows.table(end: window.offset)
}

private func read(_ window: inout FileWindow, _ text: TextWindows) throws(DataError) -> EventTable {
  var text = text
  while try text.read(&window) {}
  return text.take()
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
