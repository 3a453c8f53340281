import Kernels
import Testing

@Suite(.everyKernelSet) struct TransposeTests {
  /// Whole and partial quads of columns, overlapping and single groups of rows; what is around the matrix stays.
  @Test(arguments: [1, 3, 7, 8, 9, 15, 16, 30, 33, 64], [1, 2, 3, 4, 5, 8, 30, 32, 33, 47, 72])
  func everyElementFindsItsPlace(_ rows: Int, _ columns: Int) {
    let aStride = (columns + 7) & ~7
    let bStride = rows + 5
    let a = MatrixMultiplyTests.values(rows * aStride, 5)
    var b = [Float](repeating: -7, count: (columns + 1) * bStride)
    unsafe kernels.transpose(rows: rows, columns: columns, a: a, aStride: aStride, b: &b, bStride: bStride)
    for column in 0..<columns {
      let line = b[column * bStride..<(column + 1) * bStride]
      #expect(Array(line.prefix(rows)) == (0..<rows).map { a[$0 * aStride + column] })
      #expect(line.dropFirst(rows).allSatisfy { $0 == -7 })
    }
    #expect(b[(columns * bStride)...].allSatisfy { $0 == -7 })
  }
}
