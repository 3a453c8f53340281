import Machine

/// Reads rows with named columns, one after the other.
struct TextCellReader {
  var position: Int
  let end: Int
  let row: TextRow
  /// The lines that ended, and where the present one begins.
  private(set) var lines = 0
  private var lineStart: Int
  private(set) var fault: TextCellFault?
  private(set) var columns: EventColumns
  /// Of a row that is a column of the events: whether a separator follows the last value.
  var endsInSeparator = false
  private var words: [CategoryWords]

  init(position: Int, end: Int, row: TextRow) {
    (self.position, self.end, self.row) = (position, end, row)
    lineStart = position
    columns = row.noColumns
    words = row.groups.map { CategoryWords($0, row.dialect) }
  }

  /// Reads the next row: its features into `values`, its numbers into `numbers`. False where there is none, or after a fault.
  mutating func readRow(
    _ bytes: Span<UInt8>, into values: UnsafeMutableBufferPointer<Float>,
    _ numbers: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    guard skipToRow(bytes) else { return false }
    var column = 0
    // What is wrong if there is a value too many.
    var surplus: TextCellFault?
    while true {
      unsafe readPlainCells(bytes, &column, into: values, numbers)
      skipBlanks(bytes)
      if column == row.uses.count {
        surplus = TextCellFault(
          kind: .ragged(column), position: position, lineStart: lineStart, lines: lines)
      }
      let use = column < row.uses.count ? row.uses[column] : TextRow.Use()
      if use.isWanted {
        let start = position
        if use.feature >= 0 { unsafe values[use.feature] = readNumber(bytes) }
        if use.number >= 0, fault == nil {
          position = start
          unsafe numbers[use.number] = readDouble(bytes, use.number)
        }
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
      let kind = TextCellFault.Kind.ragged(column)
      guard var surplus else { return fail(kind) }
      surplus.kind = kind
      fault = surplus
      return false
    }
    skipLine(bytes)
    return true
  }

  /// Reads the next cells as far as they are plain numbers needed for one purpose, each followed by a separator.
  @inline(__always)
  private mutating func readPlainCells(
    _ bytes: Span<UInt8>, _ column: inout Int, into values: UnsafeMutableBufferPointer<Float>,
    _ numbers: UnsafeMutableBufferPointer<Double>
  ) {
    // SAFETY: below the limit, `plainNumberReach` bytes are there to be looked at.
    unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return }
      let limit = min(end, bytes.count - plainNumberReach)
      let (separator, isBlanks) = (row.separator.byte ?? Byte.space, row.separator == .blanks)
      var index = position
      while column < row.uses.count {
        while index < limit, unsafe row.separator.isPadding(first[index]) { index += 1 }
        let use = row.uses[column]
        guard index < limit, !use.hasMore, (use.feature >= 0) != (use.number >= 0) else { break }
        let behind: UnsafePointer<UInt8>
        if use.feature >= 0 {
          guard let number = unsafe plainNumber(at: first + index) else { break }
          unsafe values[use.feature] = number.value
          unsafe behind = number.end
        } else {
          guard let number = unsafe plainDouble(at: first + index) else { break }
          unsafe numbers[use.number] = number.value
          unsafe behind = number.end
        }
        // The end of a row, and anything that is not a number, is left to the careful reader.
        guard unsafe behind[0] == separator || isBlanks && behind[0] == Byte.tab else { break }
        var next = unsafe behind - first + 1
        if isBlanks {
          // Blanks separate nothing at the end of a row.
          while next < limit, unsafe row.separator.isPadding(first[next]) { next += 1 }
          guard next < limit, unsafe !Byte.endsLine(first[next]) && first[next] != Byte.hash else { break }
        }
        guard next <= end else { break }
        index = next
        column += 1
      }
      position = index
    }
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

  /// Whether the `#` at the beginning of a line is part of a value that is not needed, not a comment: the line is a row.
  private func beginsWithMark(_ bytes: Span<UInt8>) -> Bool {
    row.separator != .blanks && !row.uses[0].isWanted
      && row.separator.row(of: bytes, from: position)?.cells == row.uses.count
  }

  /// Skips blanks that separate nothing, or, between values, any number of those that do.
  mutating func skipBlanks(_ bytes: Span<UInt8>) {
    while position < end, row.separator.isPadding(bytes[position]) { position += 1 }
  }

  /// Moves past the end of the line, whatever is left of it.
  private mutating func skipLine(_ bytes: Span<UInt8>) {
    while position < end, !Byte.endsLine(bytes[position]) { position += 1 }
    guard position < end else { return }
    position = startOfNextLine(bytes, from: position)
    lines += 1
    lineStart = position
  }

  /// Skips a value that is not needed.
  mutating func skipCell(_ bytes: Span<UInt8>) {
    if position < end, bytes[position] == Byte.quote { skipQuoted(bytes) }
    while position < end, !row.separator.separates(bytes[position]), !Byte.endsLine(bytes[position]) { position += 1 }
  }

  /// Moves past the quotation mark that closes the one at hand; lines may end before it (RFC 4180).
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

  /// Reads what else is needed of the value at `start`, and ends after it.
  @inline(never)
  mutating func readMore(_ bytes: Span<UInt8>, ofColumn column: Int, from start: Int) {
    for use in row.more where use.column == column && fault == nil {
      position = start
      switch use.kind {
      case .identity(let number): columns.identities[number].append(readWholeNumber(bytes))
      case .category(let number): columns.categories[number].append(readCategory(bytes, number))
      }
    }
  }

  /// Reads a finite float32.
  mutating func readNumber(_ bytes: Span<UInt8>) -> Float {
    readNumber(bytes, orFail: .notANumber) { parseFloat($0, from: &$1) }
  }

  /// Reads a finite float64, or NaN where values of the column of this number may be missing; or what is not finite, where that is
  /// allowed.
  mutating func readDouble(_ bytes: Span<UInt8>, _ number: Int) -> Double {
    let start = position
    let value = readNumber(bytes, orFail: .notADouble(number)) { parseDouble($0, from: &$1) }
    if fault != nil, row.allowsUnusable || row.numbers[number].allowsNaN { return readMissing(bytes, from: start) }
    return value
  }

  /// Reads what stands for a missing value at `start`, where no number does; the fault that this was remains if nothing does.
  @inline(never)
  private mutating func readMissing(_ bytes: Span<UInt8>, from start: Int) -> Double {
    let notANumber = fault
    (position, fault) = (start, nil)
    skipCell(bytes)
    guard fault == nil else { return 0 }
    let word = TextWord(bytes, in: start..<position)
    if isMissing(bytes.extracting(word.range)) {
      position = word.end
      return .nan
    }
    if row.allowsUnusable, let infinity = infinity(bytes.extracting(word.range)) {
      position = word.end
      return infinity
    }
    (position, fault) = (start, notANumber)
    return 0
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
      ? row.groups[number].group(of: CategoryValue(word.unescaped(bytes), row.dialect))
      : words[number].group(of: bytes, in: word.range)
    guard let group = group ?? (row.allowsUnusable ? CategoryColumn.unknown : nil) else {
      position = start
      _ = fail(.unknown(number))
      return 0
    }
    return group
  }

  private func isSeparator(_ byte: UInt8) -> Bool { byte == Byte.comma || byte == row.separator.byte }

  mutating func fail(_ kind: TextCellFault.Kind) -> Bool {
    fault = TextCellFault(kind: kind, position: position, lineStart: lineStart, lines: lines)
    return false
  }
}
