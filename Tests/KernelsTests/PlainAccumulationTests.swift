import KernelOperands
import Kernels
import Testing

@Suite(.everyKernelSet) struct PlainAccumulationTests {
  static let gradient = MatrixMultiplyTests.values(64, 9)

  @Test func everyAdditionIsRoundedToFloat32() {
    let start = MatrixMultiplyTests.values(64, 3)
    var sums = start
    let largest = unsafe kernels.accumulatePlain(Self.gradient, into: &sums, count: 64)
    #expect(sums == zip(start, Self.gradient).map { $0 + $1 })
    #expect(largest == Self.gradient.map(\.magnitude).max()?.bitPattern)
  }

  @Test(arguments: [Float.infinity, -.infinity, .nan])
  func whatIsNotFiniteIsFound(_ value: Float) {
    for place in [0, 13, 63] {
      var gradient = Self.gradient
      gradient[place] = value
      var sums = [Float](repeating: 0, count: 64)
      #expect(unsafe kernels.accumulatePlain(gradient, into: &sums, count: 64) >= Float.infinity.bitPattern)
    }
  }

  /// On sums that are zero, and with any values before: the same bits, the same largest one.
  @Test func theFirstBlockReplacesWhatWasThere() {
    let gradient = GridAccumulationTests.gradient
    let count = gradient.count
    for scale in [1.0, 0x1p40, 0x1p-3] {
      var (found, expected) = ([Double](repeating: .nan, count: count), [Double](repeating: 0, count: count))
      let largest = unsafe kernels.setOnGrid(gradient, scale: scale, sums: &found, count: count)
      #expect(unsafe kernels.accumulateOnGrid(gradient, scale: scale, into: &expected, count: count) == largest)
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
    var (found, expected) = ([Double](repeating: .nan, count: count), [Double](repeating: 0, count: count))
    let largest = unsafe kernels.setUnrounded(gradient, sums: &found, count: count)
    #expect(unsafe kernels.accumulateUnrounded(gradient, into: &expected, count: count) == largest)
    #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    var (floats, plain) = ([Float](repeating: .nan, count: count), [Float](repeating: 0, count: count))
    #expect(unsafe kernels.setPlain(gradient, sums: &floats, count: count) == largest)
    _ = unsafe kernels.accumulatePlain(gradient, into: &plain, count: count)
    #expect(floats.map(\.bitPattern) == plain.map(\.bitPattern))
  }
}
