import Kernels
import Testing

@Suite struct PlainAccumulationTests {
  static let gradient = MatrixMultiplyTests.values(64, 9)

  @Test func everyAdditionIsRoundedToFloat32() {
    let start = MatrixMultiplyTests.values(64, 3)
    var sums = start
    let largest = unsafe accumulatePlain(Self.gradient, into: &sums, count: 64)
    #expect(sums == zip(start, Self.gradient).map { $0 + $1 })
    #expect(largest == Self.gradient.map(\.magnitude).max()?.bitPattern)
  }

  @Test(arguments: [Float.infinity, -.infinity, .nan])
  func whatIsNotFiniteIsFound(_ value: Float) {
    for place in [0, 13, 63] {
      var gradient = Self.gradient
      gradient[place] = value
      var sums = [Float](repeating: 0, count: 64)
      #expect(unsafe accumulatePlain(gradient, into: &sums, count: 64) >= Float.infinity.bitPattern)
    }
  }

  @Test func aStepFromFloat32SumsIsThatFromTheSameSumsInDouble() {
    let coefficients = SGDCoefficients(toMean: 0.37, learningRate: 0.1, momentum: 0.9, remaining: 0.99, nesterov: true)
    var (parameters, velocity) = (MatrixMultiplyTests.values(64, 1), MatrixMultiplyTests.values(64, 2))
    var (expected, speed) = (parameters, velocity)
    unsafe updateSGD(
      parameters: &parameters, velocity: &velocity, plainSums: Self.gradient, count: 64, coefficients)
    let doubles = Self.gradient.map { Double($0) }
    unsafe updateSGD(parameters: &expected, velocity: &speed, sums: doubles, count: 64, coefficients)
    #expect(parameters.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(velocity.map(\.bitPattern) == speed.map(\.bitPattern))
  }
}
