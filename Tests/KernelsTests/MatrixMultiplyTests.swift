import Kernels
import Testing

@Suite struct MatrixMultiplyTests {
  /// Small whole numbers and fractions of both signs, different for every place.
  static func values(_ count: Int, _ seed: UInt64) -> [Float] {
    let random = CounterRandom(seed: seed, stream: 0)
    return (0..<count).map { Float(random.uniform(UInt64($0)) * 4 - 2) }
  }

  /// Scalar twin: one chain of fused multiply-adds per element, in the order of the summed index.
  static func twin(
    rows: Int, columns: Int, depth: Int, a: [Float], aRowStride: Int, aDepthStride: Int, b: [Float], bStride: Int,
    initial: [Float]?
  ) -> [[Float]] {
    (0..<rows).map { row in
      (0..<columns).map { column in
        (0..<depth).reduce(initial?[column] ?? 0) { sum, k in
          sum.addingProduct(a[row * aRowStride + k * aDepthStride], b[k * bStride + column])
        }
      }
    }
  }

  @Test(arguments: Array(1...13) + [64], [8, 16, 24, 32, 40])
  func productsHaveTheBitsOfTheTwin(_ rows: Int, _ columns: Int) {
    for (depth, transposed, withInitial) in [(1, false, true), (15, false, false), (30, true, true), (64, true, false)]
    {
      let bStride = columns + 8
      let (aRowStride, aDepthStride) = transposed ? (1, rows + 3) : (depth + 2, 1)
      let a = Self.values((rows + 3) * (depth + 2), 1)
      let b = Self.values(depth * bStride, 2)
      let initial = withInitial ? Self.values(columns, 3) : nil
      let cStride = columns + 16
      var c = [Float](repeating: -7, count: rows * cStride)
      if let initial {
        unsafe multiply(
          rows: rows, columns: columns, depth: depth, a: a, aRowStride: aRowStride, aDepthStride: aDepthStride, b: b,
          bStride: bStride, initial: initial, c: &c, cStride: cStride)
      } else {
        unsafe multiply(
          rows: rows, columns: columns, depth: depth, a: a, aRowStride: aRowStride, aDepthStride: aDepthStride, b: b,
          bStride: bStride, initial: nil, c: &c, cStride: cStride)
      }
      let expected = Self.twin(
        rows: rows, columns: columns, depth: depth, a: a, aRowStride: aRowStride, aDepthStride: aDepthStride, b: b,
        bStride: bStride, initial: initial)
      for row in 0..<rows {
        let found = c[row * cStride..<row * cStride + columns].map(\.bitPattern)
        #expect(found == expected[row].map(\.bitPattern), "row \(row) of \(rows), depth \(depth)")
        // Nothing is written beyond the columns.
        #expect(c[row * cStride + columns..<(row + 1) * cStride].allSatisfy { $0 == -7 })
      }
    }
  }

  @Test(arguments: [1, 5, 64], [8, 24])
  func sumsOfRowsHaveTheBitsOfTheTwin(_ rows: Int, _ columns: Int) {
    let b = Self.values(rows * (columns + 8), 4)
    var c = [Float](repeating: 0, count: columns)
    unsafe sumRows(rows: rows, columns: columns, b: b, bStride: columns + 8, c: &c)
    let expected = (0..<columns).map { column in (0..<rows).reduce(Float(0)) { $0 + b[$1 * (columns + 8) + column] } }
    #expect(c.map(\.bitPattern) == expected.map(\.bitPattern))
  }

  @Test func transposingTwiceGivesTheMatrixBack() {
    let a = Self.values(30 * 32, 5)
    var b = [Float](repeating: 0, count: 30 * 32)
    var c = [Float](repeating: 0, count: 30 * 32)
    unsafe transpose(rows: 30, columns: 30, a: a, aStride: 32, b: &b, bStride: 32)
    unsafe transpose(rows: 30, columns: 30, a: b, aStride: 32, b: &c, bStride: 32)
    for row in 0..<30 { #expect(c[row * 32..<row * 32 + 30] == a[row * 32..<row * 32 + 30]) }
    #expect(b[5 * 32 + 3] == a[3 * 32 + 5])
  }
}
