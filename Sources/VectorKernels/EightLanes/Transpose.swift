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
  // Wide matrices by 16 columns: a cache line of each of A's rows, and lines of as many rows of B, each filled by two turns
  // that follow one another. Otherwise each turn would fetch them again.
  let step = columns > 32 ? 16 : 32
  for first in stride(from: 0, to: columns, by: step) {
    let width = min(step, columns - first)
    var next = 0
    while next < rows {
      // The last eight rows may have been in part among the eight before: they are written twice.
      let row = min(next, rows - 8)
      var from = unsafe a + (row &* aStride &+ first)
      var to = unsafe b + (first &* bStride &+ row)
      var left = width
      while left >= 4 {
        // The columns of a quad are rows of B.
        let quad = unsafe ClassQuad(at: from, stride: aStride)
        unsafe store(quad.first, to)
        unsafe store(quad.second, to + bStride)
        unsafe store(quad.third, to + 2 &* bStride)
        unsafe store(quad.fourth, to + 3 &* bStride)
        unsafe from += 4
        unsafe to += 4 &* bStride
        left -= 4
      }
      if left > 0 {
        unsafe ClassQuad(at: from, stride: aStride).forEach(left) { values, _ in
          unsafe store(values, to)
          unsafe to += bStride
        }
      }
      next += 8
    }
  }
}
