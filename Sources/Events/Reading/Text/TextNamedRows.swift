import Machine

/// The rows of a text file each of which is a column of the events, with a name from the run file, as they are read window by window.
/// Rows that are not requested may hold anything.
struct TextNamedRows {
  private let row: TextRow
  private let fileSize: Int
  /// The values of each feature.
  private var features: [[Float]]
  /// What else is wanted.
  private var columns: EventColumns
  /// The number of values that each row must have, known once the first row is complete.
  private var events: Int?

  /// The number of the present row among those with values, and what was read of it.
  private var number = 0
  private var count = 0
  /// Whether a value was read of the present row, or a separator.
  private var isInRow = false
  /// Whether the last that was read is a separator that a value must follow.
  private var expectsValue = false
  private var isInComment = false
  /// Where in the file the first value too many of the present row begins.
  private var surplus: Int?

  /// The present line, counted from 1, and where in the file it begins.
  private var line: Int
  private var lineStart: Int

  /// The rows of a file whose head ends before `line`, which begins at byte `lineStart`.
  init(_ row: TextRow, line: Int, lineStart: Int, fileSize: Int) {
    (self.row, self.line, self.lineStart, self.fileSize) = (row, line, lineStart, fileSize)
    features = Array(repeating: [], count: row.features)
    columns = row.noColumns
  }

  /// Reads bytes that cut no value and begin at `offset` in the file, with all CPUs: pieces of about `pieceSize` at the same time.
  mutating func read(_ bytes: Span<UInt8>, at offset: Int, pieceSize: Int) throws(DataError) {
    let pieces = pieces(of: bytes, size: pieceSize)
    let parts = parts(of: bytes, in: pieces)
    for (piece, part) in zip(pieces, parts) {
      if piece.row >= 0 { try append(part, of: piece, bytes, at: offset) }
      guard let next = piece.nextLine else { continue }
      try endRow(at: offset + piece.range.upperBound)
      line += 1
      lineStart = offset + next
    }
  }

  /// The number of bytes that cut no value: up to and with the last that separates values, or all of a comment.
  func lengthOfWholeValues(_ bytes: Span<UInt8>) -> Int {
    var length = bytes.count
    while length > 0 {
      let byte = bytes[length - 1]
      // A carriage return at the very end may have its newline in the next window.
      if byte == Byte.newline || byte == Byte.carriageReturn && length < bytes.count { return length }
      if byte != Byte.carriageReturn, row.separator.separates(byte) { return length }
      length -= 1
    }
    return isInComment && !(bytes.count == 1 && bytes[0] == Byte.carriageReturn) ? bytes.count : 0
  }

  /// The error of a value at byte `offset` of the file which does not fit into a window of this many bytes.
  func valueTooLong(_ bytes: Int, at offset: Int) -> DataError {
    faults.fault(at: offset, "a word or header of more than \(bytes) bytes", "check that this is a text file")
  }

  /// The events of the file, all of whose `end` bytes were read.
  consuming func table(end: Int) throws(DataError) -> EventTable {
    try endRow(at: end)
    guard let events else { throw faults.noValues() }
    guard number == row.uses.count else { throw wrongRows("\(counted(number, "row")) of values") }
    var matrix: [Float] = []
    matrix.reserveHugePages(events * features.count)
    for feature in features.indices {
      matrix += features[feature]
      features[feature] = []
    }
    let values = transposed(matrix, rows: features.count, columns: events)
    return row.table(events: events, values, columns)
  }

  // MARK: Pieces

  /// Some values of a row.
  private struct Piece: Sendable {
    var range: Range<Int>
    /// The number of the row; −1: there are no values.
    var row: Int
    /// Where the next line begins, if the piece is the last of its line.
    var nextLine: Int?
  }

  /// Cuts bytes into pieces of about `size` bytes at ends of lines and behind separators.
  private mutating func pieces(of bytes: Span<UInt8>, size: Int) -> [Piece] {
    var (pieces, position, number, isInRow) = ([Piece](), 0, number, isInRow)
    while position < bytes.count {
      let end = endOfLongLine(bytes, from: position)
      var start = position
      while start < end, row.separator.isPadding(bytes[start]) { start += 1 }
      let stop = isInComment ? start : startOfComment(bytes, in: start..<end, number)
      isInComment = end == bytes.count && stop < end
      let nextLine = end < bytes.count ? startOfNextLine(bytes, from: end) : nil
      if start < stop {
        isInRow = true
        while start < stop {
          let cut = stop - start > size ? cut(bytes, from: start + size, to: stop) : stop
          pieces.append(Piece(range: start..<cut, row: number))
          start = cut
        }
        pieces[pieces.count - 1].nextLine = nextLine
        // All others are surplus, whatever they are.
        if number >= row.uses.count { return pieces }
      } else if nextLine != nil {
        pieces.append(Piece(range: stop..<stop, row: -1, nextLine: nextLine))
      }
      if nextLine != nil, isInRow { (number, isInRow) = (number + 1, false) }
      position = nextLine ?? end
    }
    return pieces
  }

  /// Behind the first separator from `position` on.
  private func cut(_ bytes: Span<UInt8>, from position: Int, to end: Int) -> Int {
    var position = position
    while position < end, !row.separator.separates(bytes[position - 1]) { position += 1 }
    return position
  }

  /// Where in part of a line a comment begins: after a blank, or after any number.
  private func startOfComment(_ bytes: Span<UInt8>, in range: Range<Int>, _ number: Int) -> Int {
    let isOfNumbers = number < row.uses.count && !row.uses[number].hasMore && row.uses[number].isWanted
    var position = range.lowerBound
    while let index = place(of: Byte.hash, in: position..<range.upperBound, bytes) {
      guard index > range.lowerBound else { return index }
      let before = bytes[index - 1]
      if isOfNumbers ? before != Byte.point : Byte.isBlank(before) { return index }
      position = index + 1
    }
    return range.upperBound
  }

  private func parts(of bytes: Span<UInt8>, in pieces: [Piece]) -> [TextRowPart] {
    let row = row
    // SAFETY: the bytes are only read, and all is done before the pointer ends.
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      nonisolated(unsafe) let bytes = unsafe bytes
      return concurrentMap(pieces.count) { index in
        let piece = pieces[index]
        return unsafe TextRowPart(
          Span(_unsafeElements: bytes), in: piece.range, row, piece.row < row.uses.count ? piece.row : -1)
      }
    }
  }

  // MARK: Rows

  /// Adds values of the present row, which stand in `piece` of bytes that begin at `offset` in the file.
  private mutating func append(
    _ part: TextRowPart, of piece: Piece, _ bytes: Span<UInt8>, at offset: Int
  ) throws(DataError) {
    guard number < row.uses.count else { throw wrongRows("more than \(counted(row.uses.count, "row")) of values") }
    isInRow = true
    let most = events ?? .max
    if surplus == nil, count + part.count > most {
      surplus = offset + part.start(ofValue: most - count, bytes, in: piece.range, row.separator)
    } else if let fault = part.fault, surplus == nil {
      var atLine = fault
      (atLine.lineStart, atLine.lines) = (fault.position, 0)
      var error = atLine.error(in: row, firstLine: line, bytes)
      error.column = offset + fault.position - lineStart + 1
      throw error
    }
    count += part.count
    if part.count > 0 { expectsValue = part.endsInSeparator && row.separator != .blanks }
    guard surplus == nil else { return }
    try add(part, bytesRead: offset + piece.range.upperBound)
  }

  private mutating func add(_ part: TextRowPart, bytesRead: Int) throws(DataError) {
    let use = row.uses[number]
    // Each row takes its part of the file.
    let rowSize = fileSize / row.uses.count + 1
    let read = Swift.max(1, bytesRead - lineStart)
    if use.feature >= 0 {
      try features[use.feature].reserve(
        events ?? count, bytesRead: events == nil ? read : rowSize, ofFile: row.file, fileSize: rowSize)
      features[use.feature].append(contentsOf: part.features)
    }
    if use.number >= 0 {
      try columns.numbers[use.number].reserve(
        events ?? count, bytesRead: events == nil ? read : rowSize, ofFile: row.file, fileSize: rowSize)
    }
    columns.append(part.columns)
  }

  /// Ends the row, if there is one, before the byte at `end` in the file.
  private mutating func endRow(at end: Int) throws(DataError) {
    guard isInRow else { return }
    if expectsValue {
      // What follows the last separator is a value too, if an empty one.
      let nothing: [UInt8] = []
      let part = TextRowPart(nothing.span, in: 0..<0, row, number, expectsValue: true)
      try append(part, of: Piece(range: 0..<0, row: number), nothing.span, at: end)
    }
    if let surplus { throw faults.raggedRow(of: count, at: surplus, expected: "the first had \(events ?? 0)") }
    if let events {
      if count < events { throw faults.raggedRow(of: count, at: end, expected: "the first had \(events)") }
    } else {
      events = count
    }
    number += 1
    (count, isInRow, expectsValue) = (0, false, false)
  }

  private func wrongRows(_ found: String) -> DataError {
    DataError(
      .badData, file: row.file, what: "\(found), but \(EventRequest.columnsKey) names \(row.uses.count)",
      advice: row.rowsAdvice
        + (events == row.uses.count ? "; or is its layout \(FileLayout.eventsByRow.rawValue)?" : ""))
  }

  /// For its faults.
  private var faults: TextRows {
    TextRows(
      file: row.file, fileSize: 0, layout: .featuresByRow, line: line, lineStart: lineStart, dialect: row.dialect)
  }
}
