/// Values as programs write them, a comma or blanks between them, LF or CR LF behind each row: what a stretch of a text file
/// holds before anything else comes. Where in its row the stretch begins, or what the rows must be like, is not asked, so
/// the stretches of a file can be read at the same time.
struct PlainRun: Sendable {
  /// The end of a row.
  struct RowEnd {
    /// The number of values of the run that lie before it.
    var values: Int
    /// Where in the bytes the next line starts.
    var nextLine: Int
  }

  private(set) var values: [Float]
  private(set) var rowEnds: [RowEnd] = []
  /// Where in the bytes the run ends: at the beginning of a value, or of what is not plain.
  private(set) var end: Int
  /// Whether the last value is followed by a separator, not by the end of its row.
  private(set) var endsInSeparator = false

  /// Reads the values that begin in `range` of `bytes`, beginning before a value. No value may reach out of `bytes`.
  init(_ bytes: Span<UInt8>, in range: Range<Int>, separator: UInt8) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    var (index, rowEnds, endsInSeparator) = (range.lowerBound, [RowEnd](), false)
    // What is closer to the end than a number may reach is left to the careful reader.
    let limit = min(range.upperBound, bytes.count - plainNumberReach)
    // A value and what follows it take two bytes at least.
    let capacity = max(0, limit - index) / 2 + 1
    // SAFETY: below the limit, `plainNumberReach` bytes are there to be looked at; and no more values are written than
    // have room, by the sentence above.
    values = unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return [] }
      return unsafe [Float](unsafeUninitializedCapacity: capacity) { values, count in
        while index < limit {
          let byte = unsafe first[index]
          if byte == Byte.space || byte == Byte.tab {
            index += 1
            continue
          }
          if byte == Byte.newline, separator == Byte.space {
            index += 1
            rowEnds.append(RowEnd(values: count, nextLine: index))
            endsInSeparator = false
            continue
          }
          guard let number = unsafe plainNumber(at: first + index) else { break }
          let next = unsafe number.end[0]
          let end = unsafe number.end - first
          if next == separator || next == Byte.tab && separator == Byte.space {
            index = end + 1
            endsInSeparator = true
          } else if unsafe next == Byte.newline || next == Byte.carriageReturn && number.end[1] == Byte.newline {
            index = end + (next == Byte.newline ? 1 : 2)
            rowEnds.append(RowEnd(values: count + 1, nextLine: index))
            endsInSeparator = false
          } else {
            break
          }
          unsafe values[count] = number.value
          count += 1
        }
      }
    }
    self.rowEnds = rowEnds
    self.endsInSeparator = endsInSeparator
    end = index
  }

  /// Whether all rows that the run ends or begins have `columns` values, or as many as each other if that is nil. The
  /// first of them has `valuesInRow` before the run.
  func fits(columns: Int?, valuesInRow: Int) -> Bool {
    var (columns, count, taken) = (columns, valuesInRow, 0)
    for rowEnd in rowEnds {
      count += rowEnd.values - taken
      taken = rowEnd.values
      if count == 0 { continue }
      guard count == columns ?? count else { return false }
      (columns, count) = (count, 0)
    }
    return count + values.count - taken <= columns ?? .max
  }
}
