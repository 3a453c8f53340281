import Machine

/// The rows of a text file, as they are read window by window.
struct TextRows {
  let file: String
  let fileSize: Int
  let layout: FileLayout
  let dialect: TextDialect

  /// The values of all rows so far, and the number of rows that are complete.
  private var values: [Float] = []
  private var rows = 0
  /// The number of values that each row must have, known once the first row is complete.
  private(set) var columns: Int?
  private var valuesInRow = 0

  /// The present line, counted from 1, and where in the file it begins.
  private(set) var line: Int
  private(set) var lineStart: Int
  private var isInComment = false
  /// Whether a comma was passed since the last value; whether one stands between the first two values of the file.
  private var hasComma = false
  private var separatesByComma: Bool?
  /// Where in the file the first value too many of the present row begins.
  private var surplus: Int?
  /// Whether a run of plain values did not fit. There is a fault, and only a value at a time tells where.
  private var isAtFault = false

  /// The rows of a file whose head ends before `line`, which begins at byte `lineStart`.
  init(file: String, fileSize: Int, layout: FileLayout, line: Int, lineStart: Int, dialect: TextDialect) {
    self.file = file
    self.fileSize = fileSize
    self.layout = layout
    self.line = line
    self.lineStart = lineStart
    self.dialect = dialect
    let separators = dialect.separators
    if !separators.contains(.comma) || separators.count == 1 { separatesByComma = separators.contains(.comma) }
  }

  /// Reads bytes that cut no value and begin at `offset` in the file.
  mutating func read(_ bytes: Span<UInt8>, at offset: Int) throws(DataError) {
    var position = 0
    while position < bytes.count {
      if isInComment {
        position = endOfLine(bytes, from: position)
        isInComment = position == bytes.count
        continue
      }
      if let separator = plainSeparator, expectsValue, bytes.count - position > plainNumberReach,
        Byte.beginsNumber(bytes[position])
      {
        // Short enough for the small room that its values take to be had quickly.
        let run = PlainRun(bytes, in: position..<min(bytes.count, position + 1 << 15), separator: separator)
        let end = try append(run, at: offset, from: position)
        if end > position {
          position = end
          continue
        }
      }
      switch bytes[position] {
      case Byte.space, Byte.tab, Byte.verticalTab, Byte.formFeed:
        position += 1
      case Byte.newline, Byte.carriageReturn:
        try endRow(at: offset + position)
        position = startOfNextLine(bytes, from: position)
        line += 1
        lineStart = offset + position
      case Byte.hash:
        try endRow(at: offset + position)
        isInComment = true
      case let byte:
        if byte == Byte.comma {
          guard surplus != nil || valuesInRow > 0 && !hasComma else { throw missingValue(at: offset + position) }
          hasComma = true
          position += 1
        } else {
          position = try readValue(bytes, from: position, at: offset)
        }
      }
    }
  }

  /// What separates the values in runs of plain ones; nil where such runs cannot be taken.
  var plainSeparator: UInt8? {
    guard !isAtFault, surplus == nil else { return nil }
    // A single column has no separator, and any will do.
    guard let separatesByComma else { return columns == 1 ? Byte.space : nil }
    return separatesByComma ? Byte.comma : Byte.space
  }

  /// Whether a value may come next.
  private var expectsValue: Bool { !isInComment && (valuesInRow == 0 || hasComma == separatesByComma ?? false) }

  /// Takes the values of a run that begins at `start` of bytes that begin at `offset` in the file. Returns where it ends, or
  /// `start` if it does not fit.
  mutating func append(_ run: PlainRun, at offset: Int, from start: Int) throws(DataError) -> Int {
    guard plainSeparator != nil, expectsValue, run.end > start else { return start }
    guard run.fits(columns: columns, valuesInRow: valuesInRow) else {
      isAtFault = true
      return start
    }
    try values.reserve(
      values.count + run.values.count, bytesRead: offset + run.end, ofFile: file, fileSize: fileSize)
    values.append(contentsOf: run.values)
    var taken = 0
    for rowEnd in run.rowEnds {
      valuesInRow += rowEnd.values - taken
      taken = rowEnd.values
      hasComma = false
      try endRow(at: offset + rowEnd.nextLine)
      line += 1
      lineStart = offset + rowEnd.nextLine
    }
    valuesInRow += run.values.count - taken
    if run.endsInSeparator { hasComma = separatesByComma ?? false }
    return run.end
  }

  /// Reads the value that begins at `start` and returns where it ends.
  private mutating func readValue(_ bytes: Span<UInt8>, from start: Int, at offset: Int) throws(DataError) -> Int {
    if valuesInRow == columns, surplus == nil { surplus = offset + start }
    valuesInRow += 1
    guard surplus == nil else {
      // The row is faulty: its remaining values are only counted.
      hasComma = false
      return endOfWord(bytes, from: start)
    }
    if valuesInRow > 1 {
      guard hasComma == separatesByComma ?? hasComma else { throw mixedSeparators(at: offset + start) }
      separatesByComma = hasComma
      hasComma = false
    }
    let isQuoted = bytes[start] == Byte.quote
    var position = start + (isQuoted ? 1 : 0)
    let value = parseFloat(bytes, from: &position)
    let isClosed = !isQuoted || position < bytes.count && bytes[position] == Byte.quote
    if isQuoted, isClosed { position += 1 }
    guard value.isFinite, isClosed, isEndOfNumber(bytes, at: position) else {
      throw notANumber(bytes, from: start, at: offset)
    }
    values.append(value)
    return position
  }

  /// Ends the row, if it has values, before the byte at `end` in the file.
  private mutating func endRow(at end: Int) throws(DataError) {
    guard valuesInRow > 0 else { return }
    if let surplus { throw raggedRow(of: valuesInRow, at: surplus) }
    if hasComma { throw missingValue(at: end) }
    if let columns {
      if valuesInRow < columns { throw raggedRow(of: valuesInRow, at: end) }
    } else {
      columns = valuesInRow
    }
    rows += 1
    valuesInRow = 0
  }

  /// Ends the file, all of whose `end` bytes were read.
  mutating func end(at end: Int) throws(DataError) {
    try endRow(at: end)
    guard columns != nil else { throw noValues() }
  }

  /// The events of the rows that are complete, which are then forgotten: all of the file, or, where a row is an event, those since
  /// the last call.
  mutating func take() -> EventTable {
    guard let columns else { return EventTable(events: 0) }
    let rest = Array(values.suffix(valuesInRow))
    values.removeLast(valuesInRow)
    defer { (values, rows) = (rest, 0) }
    return EventTable(matrix: values, rows: rows, columns: columns, layout: layout)
  }
}
