import KernelOperands
import Kernels
import Numerics
import Testing

@Suite(.everyKernelSet) struct DropoutKernelTests {
  @Test(arguments: [1, 5, 16], [8, 24, 32, 40])
  func masksAreThoseOfTheirTwin(_ rows: Int, _ stride: Int) {
    let stream = CounterRandom(seed: 3, stream: 5)
    let values = MatrixMultiplyTests.values(rows * stride, 6)
    let slopes = MatrixMultiplyTests.values(rows * stride, 7)
    for (threshold, first) in [(0, 0), (1 << 30, 7), (1 << 31, 1 << 40), (UInt32.max, 0)] as [(UInt32, Int)] {
      let mask = DropoutMask(stream: stream.key, firstPlace: UInt64(first), threshold: threshold, scale: 1.37)
      var (kept, keptSlopes, alone) = (values, slopes, values)
      unsafe kernels.dropOut(mask, rows: rows, stride: stride, values: &kept, slopes: &keptSlopes)
      unsafe kernels.dropOut(mask, rows: rows, stride: stride, values: &alone, slopes: nil)
      #expect(alone == kept)
      for place in values.indices {
        let keeps = Reference.keeps(place % stride, place: first + place / stride, stream: stream, threshold: threshold)
        #expect(kept[place].bitPattern == (keeps ? values[place] * 1.37 : 0).bitPattern)
        #expect(keptSlopes[place].bitPattern == (keeps ? slopes[place] * 1.37 : 0).bitPattern)
      }
    }
  }

  /// What is left out is +0, whatever it was.
  @Test func nothingIsLeftOfWhatIsLeftOut() {
    let mask = DropoutMask(stream: 0, firstPlace: 0, threshold: .max, scale: 1)
    var values: [Float] = [.nan, .infinity, -.infinity, -0.0, -1, 1, 0, .greatestFiniteMagnitude]
    unsafe kernels.dropOut(mask, rows: 1, stride: 8, values: &values, slopes: nil)
    #expect(values.allSatisfy { $0.bitPattern == 0 })
  }

  @Test func elementsAreAddedAndMultiplied() {
    let (a, b) = (MatrixMultiplyTests.values(40, 8), MatrixMultiplyTests.values(40, 9))
    var (sum, product) = (a, [Float](repeating: 0, count: 40))
    unsafe kernels.addElements(b, to: &sum, count: 40)
    unsafe kernels.multiplyElements(a, by: b, into: &product, count: 40)
    #expect(sum == zip(a, b).map { $0 + $1 } && product == zip(a, b).map { $0 * $1 })
    var inPlace = a
    unsafe inPlace.withUnsafeMutableBufferPointer { values in
      guard let values = values.baseAddress else { return }
      unsafe kernels.multiplyElements(values, by: b, into: values, count: 40)
    }
    #expect(inPlace == product)
  }

  /// Back through relu and dropout: the product's finish.
  @Test func theProductGoesBackThroughReluAndDropout() {
    let (a, b) = (MatrixMultiplyTests.values(9 * 4, 10), MatrixMultiplyTests.values(4 * 40, 11))
    let output = MatrixMultiplyTests.values(9 * 40, 12).map { $0 < 0.3 ? 0 : $0 }
    var (plain, found) = ([Float](repeating: 0, count: 360), [Float](repeating: 0, count: 360))
    func product(_ c: UnsafeMutablePointer<Float>, _ finish: ProductFinish) {
      unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return }
          unsafe kernels.multiply(
            MatrixProduct(
              rows: 9, columns: 40, depth: 4, a: a, aRowStride: 4, aDepthStride: 1, b: b, bStride: 40, initial: nil,
              c: c, cStride: 40), finish: finish)
        }
      }
    }
    unsafe product(&plain, .none)
    unsafe output.withUnsafeBufferPointer { output in
      guard let output = output.baseAddress else { return }
      unsafe product(&found, .droppedReluDerivative(output: output, scale: 1.25))
    }
    #expect(found == zip(plain, output).map { $1 > 0 ? $0 * 1.25 : 0 })
  }
}
