import Machine

/// The transpose of a row-major matrix [rows][columns], by all CPUs.
///
/// Goes tile by tile: a plain double loop over a few very long rows would touch a cache line per value, and rows that lie a
/// power of two apart would evict each other.
func transposed(_ matrix: [Float], rows: Int, columns: Int) -> [Float] {
  precondition(rows >= 0 && columns >= 0 && matrix.count == rows * columns)
  let tile = 32
  // Columns that one CPU does in a go: worth waking it even if there are few rows.
  let strip = 1024 * tile
  // SAFETY: row < rows and column < columns, so both indices are below the count of both arrays. Strips write different
  // columns, together all values, and are done before the pointers end.
  return unsafe [Float](unsafeUninitializedCapacity: matrix.count) { target, count in
    unsafe preferHugePages(ifMany: target)
    unsafe matrix.withUnsafeBufferPointer { source in
      nonisolated(unsafe) let (source, target) = unsafe (source, target)
      concurrently((columns + strip - 1) / strip) { index in
        let end = min((index + 1) * strip, columns)
        for firstColumn in stride(from: index * strip, to: end, by: tile) {
          for firstRow in stride(from: 0, to: rows, by: tile) {
            let lastRow = min(firstRow + tile, rows)
            for column in firstColumn..<min(firstColumn + tile, end) {
              for row in firstRow..<lastRow {
                unsafe target[column &* rows &+ row] = source[row &* columns &+ column]
              }
            }
          }
        }
      }
    }
    count = matrix.count
  }
}
