/// The values of whole rows with named columns: what a piece of a text file holds.
struct TextCells: Sendable {
  private(set) var rows = 0
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
    let (features, numbers) = (row.features, row.numbers.count)
    // A feature and what follows it take two bytes at least, any other value one, but for the last of a file.
    let mostRows = range.count / max(2, 2 * features, row.uses.count) + 1
    var reader = TextCellReader(position: range.lowerBound, end: range.upperBound, row: row)
    var (rows, columns) = (0, [[Double]]())
    // SAFETY: no more rows are written than have room, by the line above, which the loop does not rely on.
    values = unsafe [Float](unsafeUninitializedCapacity: mostRows * features) { values, count in
      let doubles = UnsafeMutableBufferPointer<Double>.allocate(capacity: mostRows * numbers)
      defer { unsafe doubles.deallocate() }
      while rows < mostRows {
        let place = unsafe UnsafeMutableBufferPointer(rebasing: values[rows * features..<(rows + 1) * features])
        let doublePlace = unsafe UnsafeMutableBufferPointer(rebasing: doubles[rows * numbers..<(rows + 1) * numbers])
        guard unsafe reader.readRow(bytes, into: place, doublePlace) else { break }
        rows += 1
      }
      count = rows * features
      columns = unsafe Self.columns(doubles, rows: rows, columns: numbers)
    }
    self.rows = rows
    self.columns = reader.columns
    self.columns.numbers = columns
    lines = reader.lines
    fault = reader.fault
  }

  /// The columns of a matrix (rows, columns).
  private static func columns(
    _ matrix: UnsafeMutableBufferPointer<Double>, rows: Int, columns: Int
  ) -> [[Double]] {
    // SAFETY: all rows below `rows` were written, and each column gets as many values as it has room for.
    (0..<columns).map { column in
      unsafe [Double](unsafeUninitializedCapacity: rows) { values, count in
        for row in 0..<rows { unsafe values[row] = matrix[row &* columns &+ column] }
        count = rows
      }
    }
  }
}
