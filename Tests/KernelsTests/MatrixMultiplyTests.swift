import KernelOperands
import Kernels
import Numerics
import TestSupport
import Testing

@Suite(.everyKernelSet) struct MatrixMultiplyTests {
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
        unsafe kernels.multiply(
          MatrixProduct(
            rows: rows, columns: columns, depth: depth, a: a, aRowStride: aRowStride, aDepthStride: aDepthStride, b: b,
            bStride: bStride, initial: initial, c: &c, cStride: cStride),
          finish: .none)
      } else {
        unsafe kernels.multiply(
          MatrixProduct(
            rows: rows, columns: columns, depth: depth, a: a, aRowStride: aRowStride, aDepthStride: aDepthStride, b: b,
            bStride: bStride, initial: nil, c: &c, cStride: cStride),
          finish: .none)
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

  @Test(arguments: [1, 5, 64], [8, 24, 32, 72])
  func sumsOfRowsHaveTheBitsOfTheTwin(_ rows: Int, _ columns: Int) {
    let b = Self.values(rows * (columns + 8), 4)
    var c = [Float](repeating: 0, count: columns)
    unsafe kernels.sumRows(rows: rows, columns: columns, b: b, bStride: columns + 8, c: &c)
    let expected = (0..<columns).map { column in (0..<rows).reduce(Float(0)) { $0 + b[$1 * (columns + 8) + column] } }
    #expect(c.map(\.bitPattern) == expected.map(\.bitPattern))
  }

  /// Products wide enough to be packed: whole and partial blocks in every direction, A by rows and by columns; on an emulated CPU, to
  /// which the twin's multiply-adds are calls, fewer.
  @Test(arguments: coarseness > 1 ? [97] : [24, 97, 200], coarseness > 1 ? [40, 136] : [40, 48, 56, 136])
  func packedProductsHaveTheBitsOfTheTwin(_ rows: Int, _ columns: Int) {
    for (depth, transposed) in [(257, false), (600, true)] {
      let (aRowStride, aDepthStride) = transposed ? (1, rows + 3) : (depth + 2, 1)
      let a = Self.values((rows + 3) * (depth + 2), 10)
      let b = Self.values(depth * (columns + 8), 11)
      let initial = Self.values(columns, 12)
      var scratch = [Float](
        repeating: .nan, count: kernels.scratchOfProduct(rows: rows, columns: columns, depth: depth) + 1)
      #expect(scratch.count > 1)
      var c = [Float](repeating: -7, count: rows * (columns + 8))
      unsafe kernels.multiply(
        MatrixProduct(
          rows: rows, columns: columns, depth: depth, a: a, aRowStride: aRowStride, aDepthStride: aDepthStride, b: b,
          bStride: columns + 8, initial: initial, c: &c, cStride: columns + 8),
        finish: .relu, scratch: &scratch)
      let expected = Self.twin(
        rows: rows, columns: columns, depth: depth, a: a, aRowStride: aRowStride, aDepthStride: aDepthStride, b: b,
        bStride: columns + 8, initial: initial)
      for row in 0..<rows {
        let found = c[row * (columns + 8)..<(row + 1) * (columns + 8)]
        #expect(found.prefix(columns).map(\.bitPattern) == expected[row].map { ($0 < 0 ? 0 : $0).bitPattern })
        #expect(found.suffix(8).allSatisfy { $0 == -7 })
      }
      #expect(scratch.last?.isNaN == true)
    }
  }

  /// Every height of a tile, and special values, which reach C through an initial row.
  @Test(arguments: Array(1...13), [8, 16, 32, 56])
  func finishesHaveTheBitsOfTheTwin(_ rows: Int, _ columns: Int) {
    let depth = 3
    let a = Self.values(rows * depth, 6)
    let b = Self.values(depth * columns, 7)
    var initial = Self.values(columns, 8)
    initial[1] = .nan
    initial[3] = -.infinity
    let plain = Self.twin(
      rows: rows, columns: columns, depth: depth, a: a, aRowStride: depth, aDepthStride: 1, b: b, bStride: columns,
      initial: initial
    ).flatMap { $0 }
    var c = [Float](repeating: 0, count: rows * columns)
    unsafe kernels.multiply(
      MatrixProduct(
        rows: rows, columns: columns, depth: depth, a: a, aRowStride: depth, aDepthStride: 1, b: b, bStride: columns,
        initial: initial, c: &c, cStride: columns),
      finish: .relu)
    #expect(c.map(\.bitPattern) == plain.map { ($0 < 0 ? 0 : $0).bitPattern })

    var output = Self.values(rows * columns, 9)
    output[0] = 0
    output[2] = .nan
    unsafe output.withUnsafeBufferPointer { output in
      guard let start = output.baseAddress else { return }
      unsafe kernels.multiply(
        MatrixProduct(
          rows: rows, columns: columns, depth: depth, a: a, aRowStride: depth, aDepthStride: 1, b: b, bStride: columns,
          initial: initial, c: &c, cStride: columns),
        finish: .reluDerivative(output: start))
    }
    #expect(c.map(\.bitPattern) == zip(plain, output).map { ($1 > 0 ? $0 : 0).bitPattern })
  }
}
