import Foundation
import KernelOperands
import Testing
import TestSupport

/// A function of a float32 with everything it is held to.
struct VectorFunction: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let kernel: @Sendable ([Float]) -> [Float]
  let twin: @Sendable (Float) -> Float
  let oracle: @Sendable (Double) -> Double
  /// The bound in the kernel's documentation, measured over all 2³² floats.
  let ulps: Double

  static let all = [
    VectorFunction(
      testDescription: "exponential", kernel: exponentials,
      twin: Reference.exponential, oracle: { exp($0) }, ulps: 1.03),
    VectorFunction(
      testDescription: "naturalLogarithm", kernel: naturalLogarithms,
      twin: Reference.naturalLogarithm, oracle: { log($0) }, ulps: 0.88),
    VectorFunction(
      testDescription: "hyperbolicTangent", kernel: { activated(.tanh, $0) },
      twin: Reference.hyperbolicTangent, oracle: { tanh($0) }, ulps: 1.07),
    VectorFunction(
      testDescription: "logisticSigmoid", kernel: { activated(.sigmoid, $0) },
      twin: Reference.logisticSigmoid, oracle: { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) },
      ulps: 1.66),
    VectorFunction(
      testDescription: "silu", kernel: { activated(.silu, $0) }, twin: { Reference.sigmoidLinear($0).value },
      oracle: { $0 == -.infinity ? 0 : $0 < 0 ? $0 * exp($0) / (1 + exp($0)) : $0 / (1 + exp(-$0)) }, ulps: 2.54),
    VectorFunction(
      testDescription: "gelu", kernel: { activated(.gelu, $0) }, twin: { Reference.normalLinear($0).value },
      oracle: { $0 == -.infinity ? 0 : $0 * erfc(-$0 * 0.5.squareRoot()) / 2 }, ulps: 4.6),
    VectorFunction(
      testDescription: "elu", kernel: { activated(.elu, $0) }, twin: Reference.exponentialLinear,
      oracle: { $0 > 0 ? $0 : expm1($0) }, ulps: 0.93),
  ]

  /// The slopes of those activations that do not follow from the result, and how far they may be off.
  static let slopes: [(kind: Activation, oracle: @Sendable (Double) -> Double, error: Double)] = [
    (
      .silu,
      { x in
        let sigmoid = x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
        return sigmoid * (1 + x * (x < 0 ? 1 / (1 + exp(x)) : exp(-x) / (1 + exp(-x))))
      }, 2.4e-7
    ),
    (
      .gelu,
      { x in erfc(-x * 0.5.squareRoot()) / 2 + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot() }, 1.8e-7
    ),
  ]
}

/// Edges of ranges, of branches and of the number format, and their neighbours.
private let hardCases: [Float] = {
  let edges: [Float] = [
    0, .leastNonzeroMagnitude, 0x1p-140, .leastNormalMagnitude, 0x1p-25, 0.25, 0.34657359, 0.5, Float(0.5).squareRoot(),
    0.6931472, 0.7, 1, Float(2).squareRoot(), 2, 9, 9.010913, 10, 16.63553, 17.32868, 20, 87.33655, 88.02969, 88.37626,
    88.72284, 89, 103.27893, 103.97208, 104, 0x1p22, 0x1p24, 0x1p31, 1e30, .greatestFiniteMagnitude, .infinity,
  ]
  return edges.flatMap { [$0, $0.nextUp, $0.nextDown, -$0, -$0.nextUp, -$0.nextDown] } + [.nan, -.nan]
}()

/// Every `step`-th of all float32, with `hardCases`, filled up to a multiple of 8.
private func sample(step: Int) -> [Float] {
  let strided = stride(from: 0, to: 1 << 32, by: step * coarseness).map { Float(bitPattern: UInt32($0)) }
  let values = hardCases + strided
  return values + [Float](repeating: 0, count: -values.count & 7)
}

@Suite(.everyKernelSet) struct VectorFunctionTests {
  @Test(arguments: VectorFunction.all)
  func isWithinItsBoundOfTheOracle(function: VectorFunction) {
    let values = sample(step: 1021)
    var worst = (ulps: 0.0, at: Float(0))
    for (x, y) in zip(values, function.kernel(values)) {
      let distance = ulps(y, from: function.oracle(Double(x)))
      if distance > worst.ulps { worst = (distance, x) }
    }
    #expect(worst.ulps <= function.ulps, "at \(worst.at)")
  }

  @Test(arguments: VectorFunction.all)
  func hasTheBitsOfItsTwin(function: VectorFunction) {
    let values = sample(step: 8191)
    let mismatch = zip(values, function.kernel(values)).first { !isSame($1, function.twin($0)) }
    #expect(mismatch == nil)
  }

  @Test(arguments: VectorFunction.all)
  func hasTheSameBitsInEveryLane(function: VectorFunction) {
    for x in hardCases {
      let lanes = function.kernel([Float](repeating: x, count: 16))
      #expect(lanes.allSatisfy { isSame($0, lanes[0]) }, "at \(x)")
    }
  }

  @Test(arguments: [0, 1])
  func slopesAreWithinTheirBounds(index: Int) {
    let (kind, oracle, error) = VectorFunction.slopes[index]
    let values = sample(step: 1021).map { $0.magnitude < 1e4 ? $0 : $0.sign == .plus ? 150 : -150 }
    var worst = (error: 0.0, at: Float(0))
    for (x, slope) in zip(values, activatedWithSlopes(kind, values).slopes) {
      let distance = (Double(slope) - oracle(Double(x))).magnitude
      if !(distance <= worst.error) { worst = (distance, x) }
    }
    #expect(worst.error <= error, "at \(worst.at)")
  }

  @Test func specialValues() {
    func values(_ x: [Float], _ function: Int) -> [Float] {
      Array(VectorFunction.all[function].kernel(x + [Float](repeating: 0, count: 8 - x.count))[..<x.count])
    }
    #expect(values([0, -.infinity, .infinity, 89, -104], 0) == [1, 0, .infinity, .infinity, 0])
    #expect(values([1, 0, -0.0, .infinity], 1) == [0, -.infinity, -.infinity, .infinity])
    #expect(values([-1, -.infinity, .nan], 1).allSatisfy { $0.isNaN })
    #expect(values([10, .infinity, -10, -.infinity], 2) == [1, 1, -1, -1])
    #expect(values([0, -0.0], 2).map(\.sign) == [.plus, .minus])
    #expect(values([0, .infinity, -.infinity], 3) == [0.5, 1, 0])
    for units in [4, 5] {
      #expect(values([0, .infinity, -.infinity, 200, -200], units) == [0, .infinity, 0, 200, 0])
    }
    #expect(values([0, .infinity, -.infinity, 200, -200], 6) == [0, .infinity, -1, 200, -1])
    for function in VectorFunction.all.indices {
      #expect(values([.nan, -.nan], function).allSatisfy { $0.isNaN })
    }
  }
}
