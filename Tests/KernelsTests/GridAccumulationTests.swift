import Kernels
import Testing

@Suite(.everyKernelSet) struct GridAccumulationTests {
  static let gradient = MatrixMultiplyTests.values(64, 9) + [0, -0.0, 0x1p-30, 0.5, 1.5, 2.5, -0.5, -1.5]

  @Test(arguments: [1.0, 0x1p10, 0x1p40, 0x1p-3])
  func valuesAreRoundedOnceToTheGridTiesToEven(_ scale: Double) {
    var sums = [Double](repeating: 3, count: Self.gradient.count)
    _ = unsafe kernels.accumulateOnGrid(Self.gradient, scale: scale, into: &sums, count: sums.count)
    let expected = Self.gradient.map { 3 + (Double($0) * scale).rounded(.toNearestOrEven) }
    #expect(sums == expected)
  }

  @Test func theOrderOfAddingDoesNotMatter() {
    let blocks = (0..<20).map { MatrixMultiplyTests.values(64, UInt64($0)) }
    func sum(_ order: [Int]) -> [UInt64] {
      var sums = [Double](repeating: 0, count: 64)
      for block in order { _ = unsafe kernels.accumulateOnGrid(blocks[block], scale: 0x1p44, into: &sums, count: 64) }
      return sums.map(\.bitPattern)
    }
    #expect(sum(Array(0..<20)) == sum(Array((0..<20).reversed())))
    // Two workers' sums added are the sum of one worker.
    var one = [Double](repeating: 0, count: 64)
    var other = one
    for block in 0..<7 { _ = unsafe kernels.accumulateOnGrid(blocks[block], scale: 0x1p44, into: &one, count: 64) }
    for block in 7..<20 { _ = unsafe kernels.accumulateOnGrid(blocks[block], scale: 0x1p44, into: &other, count: 64) }
    unsafe kernels.add(other, to: &one, count: 64)
    #expect(one.map(\.bitPattern) == sum(Array(0..<20)))
  }

  @Test(arguments: [0, 13, 63])
  func theLargestMagnitudeIsFound(_ place: Int) {
    for value: Float in [-9, 9, .infinity, -.infinity, .nan] {
      var gradient = MatrixMultiplyTests.values(64, 1)
      gradient[place] = value
      var sums = [Double](repeating: 0, count: 64)
      let onGrid = unsafe kernels.accumulateOnGrid(gradient, scale: 1, into: &sums, count: 64)
      let unrounded = unsafe kernels.accumulateUnrounded(gradient, into: &sums, count: 64)
      #expect(onGrid == value.magnitude.bitPattern && unrounded == onGrid)
    }
  }

  @Test func unroundedSumsOfOneTermAreTheTerm() {
    var sums = [Double](repeating: 0, count: Self.gradient.count)
    _ = unsafe kernels.accumulateUnrounded(Self.gradient, into: &sums, count: sums.count)
    #expect(sums == Self.gradient.map { Double($0) })
    #expect(sums.allSatisfy { $0 != 0 || $0.sign == .plus }, "−0 becomes +0")
  }
}
