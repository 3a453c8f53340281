import Machine

/// What is wrong with a value or a row, and where in the bytes.
struct TextCellFault: Sendable {
  enum Kind: Sendable {
    case notANumber
    /// Of the column in double precision of this number.
    case notADouble(Int)
    case notAWholeNumber
    /// A value that category column number … does not list.
    case unknown(Int)
    case missingValue
    case mixedSeparators
    case openQuote
    /// A row of this many values, where the names are of another number of columns.
    case ragged(Int)
  }
  var kind: Kind
  /// Where in the bytes, where its line begins, and the lines that ended before.
  var position: Int
  var lineStart: Int
  var lines: Int

  /// As an error of a file whose bytes begin in line `firstLine`.
  func error(in row: TextRow, firstLine: Int, _ bytes: Span<UInt8>) -> DataError {
    let rows = TextRows(
      file: row.file, fileSize: 0, layout: .eventsByRow, line: firstLine + lines, lineStart: lineStart,
      dialect: row.dialect)
    var error =
      switch kind {
      case .notANumber: rows.notANumber(bytes, from: position, at: 0)
      case .notADouble(let number):
        rows.notANumber(bytes, from: position, at: 0, asDouble: row.numbers[number].nonFiniteAdvice)
      case .unknown(let category):
        row.categories[category].unknown(
          TextWord(bytes, in: position..<row.separator.endOfCell(bytes, from: position)).text(bytes, row.dialect),
          file: row.file,
          line: firstLine + lines)
      case .missingValue: rows.missingValue(at: position)
      case .mixedSeparators: rows.mixedSeparators(at: position)
      case .openQuote: rows.fault(at: position, "an unclosed quotation mark", "close it, or remove it")
      case .ragged(let count):
        rows.raggedRow(of: count, at: position, expected: row.expectedColumns)
      case .notAWholeNumber:
        rows.fault(
          at: position,
          "\"\(row.dialect.text(bytes.extracting(position..<endOfWord(bytes, from: position))).abridged(to: 40))\" "
            + "is not a whole number below 2^64", "identify events by digits only")
      }
    // Other columns may hold letters of several bytes. A row may continue beyond the line of its first surplus value.
    error.column = (lineStart..<max(lineStart, position)).count { bytes[$0] & 0xC0 != 0x80 } + 1
    return error
  }
}
