import Machine

/// Reads the columns `names` of a text file anew, as integers from their digits, and adds them to the `table` that a first
/// pass over the file has made: what that has accepted has a header and rows of equal length.
func readIntegers(_ window: inout FileWindow, _ names: [String], into table: inout EventTable) throws(DataError) {
  guard !names.isEmpty else { return }
  guard let header = table.columnNames else {
    throw DataError(
      .badData, file: window.path,
      what: "no header names the columns, where \(names.joined(separator: ", ")) identify an event",
      advice: "write the names of the columns into the first line")
  }
  var columns = IntegerColumns(
    file: window.path,
    wanted: try columnNumbers(of: names, among: header, key: "the identity's columns", in: window.path),
    events: table.events)
  try window.rewind()
  repeat {
    let complete = window.completeValues
    try columns.read(window.buffer.span.extracting(0..<complete), at: window.offset)
    guard complete > 0 || window.atEnd else { break }
    try window.advance(by: complete)
  } while window.count > 0
  guard columns.values.allSatisfy({ $0.count == table.events }) else {
    throw DataError(
      .badData, file: window.path, what: "changed while it was read", advice: "let nothing write to it and run again")
  }
  table.add(integers: columns.values)
}

/// Some columns of a text file, as they are read window by window.
private struct IntegerColumns {
  let file: String
  /// The numbers of the columns, and what each has held so far.
  let wanted: [Int]
  private(set) var values: [[UInt64]]
  /// The present line, where in the file it begins, and the column that comes next in it.
  private var (line, lineStart, column) = (1, 0, 0)
  private var hasHeader = false
  /// Whether what is left of the line is a comment or the header.
  private var skipsLine = false

  init(file: String, wanted: [Int], events: Int) {
    self.file = file
    self.wanted = wanted
    values = wanted.map { _ in [] }
    for index in values.indices { values[index].reserveCapacity(events) }
  }

  /// Reads bytes that cut no value and begin at `offset` in the file.
  mutating func read(_ bytes: Span<UInt8>, at offset: Int) throws(DataError) {
    var position = startOfText(bytes, at: offset)
    if offset == 0 { lineStart = position }
    while position < bytes.count {
      let byte = bytes[position]
      if Byte.endsLine(byte) {
        position = startOfNextLine(bytes, from: position)
        (line, lineStart, column, skipsLine) = (line + 1, offset + position, 0, false)
      } else if skipsLine || Byte.separates(byte) {
        position += 1
      } else if byte == Byte.hash || !hasHeader {
        hasHeader = hasHeader || byte != Byte.hash
        skipsLine = true
      } else {
        let end = endOfWord(bytes, from: position)
        for (index, number) in wanted.enumerated() where number == column {
          let word = bytes.extracting(position..<end)
          guard let value = wholeNumber(word) else {
            throw DataError(
              .badData, file: file, line: line, column: offset + position - lineStart + 1,
              what: "\"\(text(word).abridged(to: 40))\" is not a whole number below 2^64",
              advice: "write what identifies an event in digits alone")
          }
          values[index].append(value)
        }
        column += 1
        position = end
      }
    }
  }
}

/// The number that a word of nothing but digits writes, if it is below 2^64.
private func wholeNumber(_ word: Span<UInt8>) -> UInt64? {
  var value: UInt64 = 0
  for index in word.indices {
    let digit = word[index] &- Byte.zero
    let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
    let (sum, isLarger) = tens.addingReportingOverflow(UInt64(digit))
    guard digit < 10, !isTooLarge, !isLarger else { return nil }
    value = sum
  }
  return value
}
