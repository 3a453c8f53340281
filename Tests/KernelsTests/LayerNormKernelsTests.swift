import KernelOperands
import Kernels
import Testing

@Suite(.everyKernelSet) struct LayerNormKernelsTests {
  /// Rows of `units` values, padded with zeros to `stride`.
  private func matrix(_ rows: Int, _ units: Int, seed: UInt64) -> [Float] {
    let stride = (units + 7) / 8 * 8
    let values = MatrixMultiplyTests.values(rows * units, seed)
    return (0..<rows * stride).map { $0 % stride < units ? values[$0 / stride * units + $0 % stride] : 0 }
  }

  @Test(arguments: [1, 3, 16], [1, 3, 8, 9, 24, 30, 64, 129])
  func normalisationAndItsGradientHaveTheBitsOfTheirTwins(_ rows: Int, _ units: Int) {
    let stride = (units + 7) / 8 * 8
    let (scales, shifts) = (matrix(1, units, seed: 1), matrix(1, units, seed: 2))
    let z = matrix(rows, units, seed: 3)
    let gradient = matrix(rows, units, seed: 4)
    var (values, normalized) = (z, [Float](repeating: -7, count: z.count))
    var deviations = [Float](repeating: -7, count: rows)
    var (delta, scaleSums, shiftSums) = (
      gradient, [Float](repeating: -7, count: stride + 8), [Float](repeating: -7, count: stride + 8)
    )
    unsafe scales.withUnsafeBufferPointer { scales in
      guard let scales = scales.baseAddress else { return }
      unsafe normalized.withUnsafeMutableBufferPointer { normalized in
        unsafe deviations.withUnsafeMutableBufferPointer { deviations in
          guard let normalized = normalized.baseAddress, let deviations = deviations.baseAddress else { return }
          let layer = unsafe LayerNormalization(
            rows: rows, units: units, stride: stride, scales: scales, normalized: normalized,
            inverseDeviations: deviations)
          unsafe kernels.normalize(layer, shifts: shifts, values: &values)
          unsafe kernels.sumScaleGradients(layer, gradient: gradient, scales: &scaleSums, shifts: &shiftSums)
          unsafe kernels.backpropagate(layer, gradient: &delta)
        }
      }
    }
    var expected = (scales: [Float](repeating: 0, count: units), shifts: [Float](repeating: 0, count: units))
    for row in 0..<rows {
      let (here, padding) = (row * stride..<row * stride + units, row * stride + units..<(row + 1) * stride)
      let twin = Reference.normalize(
        Array(z[here]), scales: Array(scales[..<units]), shifts: Array(shifts[..<units]))
      #expect(values[here].map(\.bitPattern) == twin.values.map(\.bitPattern))
      #expect(normalized[here].map(\.bitPattern) == twin.normalized.map(\.bitPattern))
      #expect(deviations[row] == twin.inverseDeviation)
      let back = Reference.backpropagate(
        Array(gradient[here]), scales: Array(scales[..<units]), normalized: twin.normalized,
        inverseDeviation: twin.inverseDeviation)
      #expect(delta[here].map(\.bitPattern) == back.map(\.bitPattern))
      for padded in [values, normalized, delta] { #expect(padded[padding].allSatisfy { $0 == 0 }) }
      for unit in 0..<units {
        expected.scales[unit] = expected.scales[unit].addingProduct(
          gradient[row * stride + unit], twin.normalized[unit])
        expected.shifts[unit] += gradient[row * stride + unit]
      }
    }
    for (found, expected) in [(scaleSums, expected.scales), (shiftSums, expected.shifts)] {
      #expect(found[..<units].map(\.bitPattern) == expected.map(\.bitPattern))
      #expect(found[units..<stride].allSatisfy { $0 == 0 } && found[stride...].allSatisfy { $0 == -7 })
    }
  }

  /// Against the definition in double: the mean is 0 and the variance v / (v + ε).
  @Test(arguments: [5, 30, 200]) func normalisedValuesHaveMeanZeroAndVarianceOne(_ units: Int) {
    let z = MatrixMultiplyTests.values(units, 5).map { 100 + 3 * $0 }
    let twin = Reference.normalize(
      z, scales: [Float](repeating: 1, count: units), shifts: [Float](repeating: 0, count: units))
    let mean = z.reduce(0) { $0 + Double($1) } / Double(units)
    let variance = z.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(units)
    for (found, z) in zip(twin.values, z) {
      // The mean of numbers near 100 is wrong by some ulps of 100.
      #expect((Double(found) - (Double(z) - mean) / (variance + 1e-3).squareRoot()).magnitude < 2e-5)
    }
  }
}
