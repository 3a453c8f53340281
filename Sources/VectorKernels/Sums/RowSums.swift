/// C = column sums of B: c[j] = ((b[0][j] + b[1][j]) + …), rows in order; the gradient of a bias.
///
/// B is (rows, columns) with rows `bStride` apart, `columns` a multiple of 8; C is (columns).
public func sumRows(
  rows: Int, columns: Int, b: UnsafePointer<Float>, bStride: Int, c: UnsafeMutablePointer<Float>
) {
  var column = 0
  // Four registers side by side, as each is one chain of additions.
  while column + 32 <= columns {
    var (sum0, sum1, sum2, sum3) = (Lanes(), Lanes(), Lanes(), Lanes())
    var row = unsafe b + column
    for _ in 0..<rows {
      // The caller owns `rows` rows.
      unsafe sum0 += load(row)
      unsafe sum1 += load(row + 8)
      unsafe sum2 += load(row + 16)
      unsafe sum3 += load(row + 24)
      unsafe row += bStride
    }
    unsafe store(sum0, c + column)
    unsafe store(sum1, c + column + 8)
    unsafe store(sum2, c + column + 16)
    unsafe store(sum3, c + column + 24)
    column += 32
  }
  while column < columns {
    var sum = Lanes()
    var row = unsafe b + column
    for _ in 0..<rows {
      unsafe sum += load(row)
      unsafe row += bStride
    }
    unsafe store(sum, c + column)
    column += 8
  }
}
