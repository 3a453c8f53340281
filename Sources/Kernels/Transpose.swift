/// B = Aᵀ: `b[c * bStride + r] = a[r * aStride + c]` for rows × columns values of A. The rest of B is left alone.
///
/// Rows of A are `aStride` floats apart, at least `columns` rounded up to 4. The matrices do not overlap.
public func transpose(
  rows: Int, columns: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafeMutablePointer<Float>, bStride: Int
) {
  guard rows >= 8 else {
    for column in 0..<columns {
      // The caller owns both matrices.
      for row in 0..<rows { unsafe b[column * bStride + row] = a[row * aStride + column] }
    }
    return
  }
  var next = 0
  while next < rows {
    // The last eight rows may have been in part among the eight before: they are written twice.
    let row = min(next, rows - 8)
    for column in stride(from: 0, to: columns, by: 4) {
      let from = unsafe a + row &* aStride + column
      let to = unsafe b + column &* bStride + row
      // A quad's columns are rows of B.
      unsafe ClassQuad(at: from, stride: aStride).forEach(columns - column) { values, index in
        unsafe store(values, to + Int(index) &* bStride)
      }
    }
    next += 8
  }
}
