import Machine

/// The rows of a text file, as they are read window by window.
struct TextRows {
  let file: String
  let fileSize: Int
  let layout: FileLayout

  /// The values of all rows so far, and the number of rows that are complete.
  private var values: [Float] = []
  private var rows = 0
  /// The number of values that each row must have, known once the header or the first row is complete.
  private(set) var columns: Int?
  private var valuesInRow = 0

  /// Whether what comes next may be a header; the names in it.
  private var mayNameColumns: Bool
  private(set) var names: [String]?

  /// The present line, counted from 1, and where in the file it begins.
  private(set) var line = 1
  private(set) var lineStart = 0
  private var isInComment = false
  /// Whether a comma was passed since the last value; whether one stands between the first two values of the file.
  private var hasComma = false
  private var separatesByComma: Bool?
  /// Where in the file the first value too many of the present row begins.
  private var surplus: Int?
  /// Whether a run of plain values did not fit. There is a fault, and only a value at a time tells where.
  private var isAtFault = false

  init(file: String, fileSize: Int, layout: FileLayout) {
    self.file = file
    self.fileSize = fileSize
    self.layout = layout
    mayNameColumns = layout == .eventsByRow
  }

  /// Reads bytes that cut no value and begin at `offset` in the file. Returns how many it has dealt with: all, or those
  /// before a header that does not end in them.
  mutating func read(_ bytes: Span<UInt8>, at offset: Int, isLast: Bool) throws(DataError) -> Int {
    var position = startOfText(bytes, at: offset)
    if offset == 0 { lineStart = position }
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
        if mayNameColumns, byte == Byte.comma || !isNumber(bytes, at: position) {
          let end = endOfLine(bytes, from: position)
          guard end < bytes.count || isLast else { return position }
          names = try header(bytes.extracting(position..<end), at: offset + position)
          columns = names?.count
          mayNameColumns = false
          position = end
        } else if byte == Byte.comma {
          guard surplus != nil || valuesInRow > 0 && !hasComma else { throw missingValue(at: offset + position) }
          hasComma = true
          position += 1
        } else {
          position = try readValue(bytes, from: position, at: offset)
        }
      }
    }
    return bytes.count
  }

  /// What separates the values in runs of plain ones; nil where such runs cannot be taken.
  var plainSeparator: UInt8? {
    guard !mayNameColumns, !isAtFault, surplus == nil else { return nil }
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
    let count = values.count + run.values.count
    if count > values.capacity {
      // As many as the file holds if it goes on like this, and some more as values differ in length.
      let expected = Double(count) * Double(fileSize) / Double(offset + run.end)
      values.reserveHugePages(max(count, min(Int(expected * 1.0625) + 16, fileSize / 2 + 1)))
    }
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

  /// The names in a header that begins at byte `position` of the file.
  private func header(_ line: Span<UInt8>, at position: Int) throws(DataError) -> [String] {
    for index in line.indices where line[index] < 0x20 && !Byte.isBlank(line[index]) {
      throw notANumber(line, from: index, at: position)
    }
    guard let names = columnNames(line) else {
      if line[0] == Byte.comma { throw missingValue(at: position) }
      throw notANumber(line, from: 0, at: position)
    }
    return names
  }

  /// Reads the value that begins at `start` and returns where it ends.
  private mutating func readValue(_ bytes: Span<UInt8>, from start: Int, at offset: Int) throws(DataError) -> Int {
    if valuesInRow == columns, surplus == nil { surplus = offset + start }
    valuesInRow += 1
    guard surplus == nil else {
      // The row is lost: what is left of it is only counted.
      hasComma = false
      return endOfWord(bytes, from: start)
    }
    if valuesInRow > 1 {
      guard hasComma == separatesByComma ?? hasComma else { throw mixedSeparators(at: offset + start) }
      separatesByComma = hasComma
      hasComma = false
    }
    var position = start
    let value = parseFloat(bytes, from: &position)
    guard value.isFinite, isEndOfNumber(bytes, at: position) else {
      throw notANumber(bytes, from: start, at: offset)
    }
    mayNameColumns = false
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

  /// The events of the file, all of whose `end` bytes were read.
  consuming func table(end: Int) throws(DataError) -> EventTable {
    try endRow(at: end)
    guard let columns else { throw noValues() }
    var table = EventTable(matrix: values, rows: rows, columns: columns, layout: layout)
    if let names { table.name(names) }
    return table
  }
}
