import Kernels
import Testing

@Suite(.everyKernelSet) struct StandardizeTests {
  /// To the bit, for whole and partial vectors of columns; padding is 0, and what is behind the rows stays.
  @Test(arguments: [1, 2, 7, 64], [1, 7, 8, 9, 15, 16, 23, 33])
  func everyValueIsStandardized(_ rows: Int, _ columns: Int) {
    let stride = (columns + 7) & ~7
    let source = MatrixMultiplyTests.values(rows * columns + 8, 3)
    let padding = [Float](repeating: 0, count: stride - columns)
    let (means, scales) = (MatrixMultiplyTests.values(columns, 4), MatrixMultiplyTests.values(columns, 5))
    var target = [Float](repeating: -7, count: (rows + 1) * stride)
    unsafe kernels.standardize(
      rows: rows, columns: columns, source: source, means: means + padding, scales: scales + padding, target: &target,
      stride: stride)
    for row in 0..<rows {
      let expected = (0..<columns).map { (source[row * columns + $0] - means[$0]) * scales[$0] } + padding
      #expect(Array(target[row * stride..<(row + 1) * stride]) == expected)
    }
    #expect(target[(rows * stride)...].allSatisfy { $0 == -7 })
  }

  /// What is behind the last column, a NaN of the next row, stays out of the padding.
  @Test func paddingIsZeroBesideNaN() {
    let source = [Float](repeating: .nan, count: 2 * 3 + 8)
    var target = [Float](repeating: -7, count: 2 * 8)
    unsafe kernels.standardize(
      rows: 2, columns: 3, source: source, means: [Float](repeating: 1, count: 8),
      scales: [1, 1, 1, 0, 0, 0, 0, 0], target: &target, stride: 8)
    for row in 0..<2 {
      #expect(target[row * 8..<row * 8 + 3].allSatisfy { $0.isNaN })
      #expect(target[row * 8 + 3..<row * 8 + 8].allSatisfy { $0 == 0 })
    }
  }
}
