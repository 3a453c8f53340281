import Machine

/// The values of whole rows with named columns: what a piece of a text file holds.
struct TextCells: Sendable {
  /// (rows, features).
  private(set) var values: [Float] = []
  /// What else is wanted: a value a row in each column.
  private(set) var columns: EventColumns
  /// The lines that the rows and what is between them take.
  private(set) var lines = 0
  /// What is wrong first; the rows before it are there.
  private(set) var fault: TextCellFault?

  /// Reads the lines in `range`, which ends with a line or with the file.
  init(_ bytes: Span<UInt8>, in range: Range<Int>, _ row: TextRow) {
    let features = row.features
    // A wanted value and what follows it take two bytes at least, but for the last of a file.
    let mostRows = range.count / max(2, 2 * features) + 1
    var reader = TextCellReader(position: range.lowerBound, end: range.upperBound, row: row)
    // SAFETY: no more rows are written than have room, by the line above, which the loop does not rely on.
    values = unsafe [Float](unsafeUninitializedCapacity: mostRows * features) { values, count in
      var rows = 0
      while rows < mostRows {
        let place = unsafe UnsafeMutableBufferPointer(rebasing: values[rows * features..<(rows + 1) * features])
        guard unsafe reader.readRow(bytes, into: place) else { break }
        rows += 1
      }
      count = rows * features
    }
    columns = reader.columns
    lines = reader.lines
    fault = reader.fault
  }
}

/// What is wrong with a value or a row, and where in the bytes.
struct TextCellFault: Sendable {
  enum Kind: Sendable {
    case notANumber
    /// Of a column in double precision.
    case notADouble
    case notAWholeNumber
    /// A value that category column number … does not list.
    case unknown(Int)
    case missingValue
    case mixedSeparators
    case openQuote
    /// A row of so many values, where the head names another number of columns.
    case ragged(Int, columns: Int)
  }
  var kind: Kind
  /// Where in the bytes, where its line begins, and the lines that ended before.
  var position: Int
  var lineStart: Int
  var lines: Int

  /// As an error of a file whose bytes begin in line `firstLine`.
  func error(in row: TextRow, firstLine: Int, _ bytes: Span<UInt8>) -> DataError {
    let rows = TextRows(
      file: row.file, fileSize: 0, layout: .eventsByRow, line: firstLine + lines, lineStart: lineStart)
    var error =
      switch kind {
      case .notANumber: rows.notANumber(bytes, from: position, at: 0)
      case .notADouble: rows.notANumber(bytes, from: position, at: 0, isDouble: true)
      case .unknown(let category):
        row.categories[category].unknown(
          TextWord(bytes, in: position..<row.separator.endOfCell(bytes, from: position)).text(bytes), file: row.file,
          line: firstLine + lines)
      case .missingValue: rows.missingValue(at: position)
      case .mixedSeparators: rows.mixedSeparators(at: position)
      case .openQuote: rows.fault(at: position, "a quotation mark that is not closed", "close it, or remove it")
      case .ragged(let count, let columns):
        rows.raggedRow(of: count, at: position, expected: "the header names \(columns)")
      case .notAWholeNumber:
        rows.fault(
          at: position,
          "\"\(text(bytes.extracting(position..<endOfWord(bytes, from: position))).abridged(to: 40))\" "
            + "is not a whole number below 2^64", "write what identifies an event in digits alone")
      }
    // Other columns may hold letters of several bytes. A row may go on in later lines than that of its first value too many.
    error.column = (lineStart..<max(lineStart, position)).count { bytes[$0] & 0xC0 != 0x80 } + 1
    return error
  }
}

/// Reads rows with named columns, one after the other.
private struct TextCellReader {
  private(set) var position: Int
  let end: Int
  let row: TextRow
  /// The lines that ended, and where the present one begins.
  private(set) var lines = 0
  private var lineStart: Int
  private(set) var fault: TextCellFault?
  private(set) var columns: EventColumns
  private var words: [CategoryWords]

  init(position: Int, end: Int, row: TextRow) {
    (self.position, self.end, self.row) = (position, end, row)
    lineStart = position
    columns = row.noColumns
    words = row.groups.map { CategoryWords($0) }
  }

  /// Reads the next row. False where there is none, or after a fault.
  mutating func readRow(_ bytes: Span<UInt8>, into values: UnsafeMutableBufferPointer<Float>) -> Bool {
    guard skipToRow(bytes) else { return false }
    var column = 0
    // What is wrong if there is a value too many.
    var surplus: TextCellFault?
    while true {
      skipBlanks(bytes)
      if column == row.uses.count {
        surplus = TextCellFault(
          kind: .ragged(column, columns: column), position: position, lineStart: lineStart, lines: lines)
      }
      let use = column < row.uses.count ? row.uses[column] : TextRow.Use()
      if use.isWanted {
        let start = position
        if use.feature >= 0 { unsafe values[use.feature] = readNumber(bytes) }
        if use.hasMore { readMore(bytes, ofColumn: column, from: start) }
      } else {
        skipCell(bytes)
      }
      guard fault == nil else { return false }
      column += 1
      // On to the next value.
      let afterValue = position
      skipBlanks(bytes)
      guard position < end, !Byte.endsLine(bytes[position]) else { break }
      let byte = bytes[position]
      if byte == Byte.hash { break }
      if let separator = row.separator.byte {
        guard byte == separator else { return fail(.mixedSeparators) }
        position += 1
      } else if byte == Byte.comma {
        return fail(.mixedSeparators)
      } else if position == afterValue {
        return fail(.notANumber)
      }
    }
    guard column == row.uses.count else {
      let kind = TextCellFault.Kind.ragged(column, columns: row.uses.count)
      guard var surplus else { return fail(kind) }
      surplus.kind = kind
      fault = surplus
      return false
    }
    skipLine(bytes)
    return true
  }

  /// Moves to the next line that has values; false at the end.
  private mutating func skipToRow(_ bytes: Span<UInt8>) -> Bool {
    while position < end {
      skipBlanks(bytes)
      if position < end, !Byte.endsLine(bytes[position]), bytes[position] != Byte.hash || beginsWithMark(bytes) {
        return true
      }
      skipLine(bytes)
    }
    return false
  }

  /// Whether the `#` at the beginning of a line is part of a value that nobody wants, and no comment: the line is a row.
  private func beginsWithMark(_ bytes: Span<UInt8>) -> Bool {
    row.separator != .blanks && !row.uses[0].isWanted
      && row.separator.row(of: bytes, from: position)?.cells == row.uses.count
  }

  /// Moves over blanks that separate nothing, or, between values, any number of those that do.
  private mutating func skipBlanks(_ bytes: Span<UInt8>) {
    while position < end, row.separator.isPadding(bytes[position]) { position += 1 }
  }

  /// Moves behind the end of the line, whatever is left of it.
  private mutating func skipLine(_ bytes: Span<UInt8>) {
    while position < end, !Byte.endsLine(bytes[position]) { position += 1 }
    guard position < end else { return }
    position = startOfNextLine(bytes, from: position)
    lines += 1
    lineStart = position
  }

  /// Moves over a value that nobody wants.
  private mutating func skipCell(_ bytes: Span<UInt8>) {
    if position < end, bytes[position] == Byte.quote { skipQuoted(bytes) }
    while position < end, !row.separator.separates(bytes[position]), !Byte.endsLine(bytes[position]) { position += 1 }
  }

  /// Moves behind the quotation mark that closes the one at hand; lines may end before it (RFC 4180).
  private mutating func skipQuoted(_ bytes: Span<UInt8>) {
    guard let close = endOfQuoted(bytes, from: position), close <= end else {
      _ = fail(.openQuote)
      return
    }
    while position < close {
      guard Byte.endsLine(bytes[position]) else {
        position += 1
        continue
      }
      position = startOfNextLine(bytes, from: position)
      lines += 1
      lineStart = position
    }
  }

  /// Reads what else is wanted of the value at `start`, and ends behind it.
  @inline(never)
  private mutating func readMore(_ bytes: Span<UInt8>, ofColumn column: Int, from start: Int) {
    for use in row.more where use.column == column && fault == nil {
      position = start
      switch use.kind {
      case .identity(let number): columns.identities[number].append(readWholeNumber(bytes))
      case .number(let number): columns.numbers[number].append(readDouble(bytes))
      case .category(let number): columns.categories[number].append(readCategory(bytes, number))
      }
    }
  }

  /// Reads a finite float32.
  private mutating func readNumber(_ bytes: Span<UInt8>) -> Float {
    readNumber(bytes, orFail: .notANumber) { parseFloat($0, from: &$1) }
  }

  /// Reads a finite float64.
  private mutating func readDouble(_ bytes: Span<UInt8>) -> Double {
    readNumber(bytes, orFail: .notADouble) { parseDouble($0, from: &$1) }
  }

  @inline(__always)
  private mutating func readNumber<Value: BinaryFloatingPoint>(
    _ bytes: Span<UInt8>, orFail kind: TextCellFault.Kind, _ parse: (Span<UInt8>, inout Int) -> Value
  ) -> Value {
    let start = position
    guard position < end, !Byte.endsLine(bytes[position]), !isSeparator(bytes[position]) else {
      _ = fail(.missingValue)
      return 0
    }
    let isQuoted = bytes[position] == Byte.quote
    if isQuoted { position += 1 }
    let value = parse(bytes, &position)
    let isClosed = !isQuoted || position < end && bytes[position] == Byte.quote
    if isQuoted, isClosed { position += 1 }
    guard value.isFinite, isClosed, position <= end, isEndOfNumber(bytes, at: position) else {
      position = start
      _ = fail(kind)
      return 0
    }
    return value
  }

  /// Reads a number of nothing but digits, below 2^64, perhaps in quotation marks.
  private mutating func readWholeNumber(_ bytes: Span<UInt8>) -> UInt64 {
    let start = position
    let isQuoted = position < end && bytes[position] == Byte.quote
    if isQuoted { position += 1 }
    let firstDigit = position
    var (value, isNumber) = (UInt64(0), true)
    while position < end, !Byte.separates(bytes[position]), bytes[position] != Byte.hash,
      !isQuoted || bytes[position] != Byte.quote
    {
      let digit = bytes[position] &- Byte.zero
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = tens.addingReportingOverflow(UInt64(digit))
      isNumber = isNumber && digit < 10 && !isTooLarge && !isLarger
      value = sum
      position += 1
    }
    isNumber = isNumber && position > firstDigit
    if isQuoted {
      isNumber = isNumber && position < end && bytes[position] == Byte.quote
      position += 1
      isNumber = isNumber && (position >= end || Byte.separates(bytes[position]) || bytes[position] == Byte.hash)
    }
    guard isNumber else {
      position = start
      _ = fail(.notAWholeNumber)
      return 0
    }
    return value
  }

  /// Reads one of the values of a category column: the number of its group.
  private mutating func readCategory(_ bytes: Span<UInt8>, _ number: Int) -> UInt16 {
    let start = position
    skipCell(bytes)
    guard fault == nil else { return 0 }
    let word = TextWord(bytes, in: start..<position)
    // A comment may follow.
    position = word.end
    let group =
      word.isEscaped
      ? row.groups[number].group(of: CategoryValue(word.text(bytes))) : words[number].group(of: bytes, in: word.range)
    guard let group else {
      position = start
      _ = fail(.unknown(number))
      return 0
    }
    return group
  }

  private func isSeparator(_ byte: UInt8) -> Bool { byte == Byte.comma || byte == row.separator.byte }

  private mutating func fail(_ kind: TextCellFault.Kind) -> Bool {
    fault = TextCellFault(kind: kind, position: position, lineStart: lineStart, lines: lines)
    return false
  }
}
