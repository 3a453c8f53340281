import KernelOperands
import Kernels
import Numerics
import Testing
import TestSupport

private let random = CounterRandom(seed: 7, stream: 7)

/// `count` floats in [−4, 4), from place `start` of the stream.
private func floats(_ count: Int, from start: Int = 0) -> [Float] {
  (start..<start + count).map { Float(random.uniform(UInt64($0)) * 8 - 4) }
}

@Suite(.everyKernelSet) struct ActivationKernelsTests {
  // One vector, an odd number of them, and two per row of a wide layer; the last element tells if the end is reached.
  @Test(arguments: [8, 24, 64, 1000])
  func activationsHaveTheBitsOfTheirTwins(count: Int) {
    let x = floats(count)
    #expect(activated(.relu, x) == x.map { $0 < 0 ? 0 : $0 })
    #expect(activated(.tanh, x) == x.map(Reference.hyperbolicTangent))
    #expect(activated(.sigmoid, x) == x.map(Reference.logisticSigmoid))
    #expect(activated(.linear, x) == x)
    for kind in [Activation.silu, .gelu, .leakyRelu, .elu] {
      #expect(activated(kind, x) == x.map { Reference.activationAndSlope(kind, $0).value }, "\(kind)")
    }
  }

  @Test(arguments: Activation.allCases)
  func slopesHaveTheBitsOfTheirTwinsAndLeaveTheValuesAlone(kind: Activation) {
    let x = floats(1000) + [.nan, 0, -0.0, 200, -200, .infinity, -.infinity, 1e-30]
    let (values, slopes) = activatedWithSlopes(kind, x)
    let twins = x.map { Reference.activationAndSlope(kind, $0) }
    #expect(zip(values, twins).allSatisfy { isSame($0, $1.value) })
    #expect(zip(slopes, twins).allSatisfy { isSame($0, $1.slope) })
    #expect(zip(values, activated(kind, x)).allSatisfy { isSame($0, $1) })
  }

  @Test(arguments: [8, 24, 64, 1000])
  func derivativesHaveTheBitsOfTheirTwins(count: Int) {
    let g = floats(count)
    let y = floats(count, from: count)
    let pairs = zip(g, y)
    #expect(multiplied(.relu, g, y) == pairs.map { $1 > 0 ? $0 : 0 })
    #expect(multiplied(.tanh, g, y) == pairs.map { $0 * Float(1).addingProduct(-$1, $1) })
    #expect(multiplied(.sigmoid, g, y) == pairs.map { $0 * ($1 * (1 - $1)) })
    #expect(multiplied(.linear, g, y) == g)
    #expect(multiplied(.leakyRelu, g, y) == pairs.map { $1 < 0 ? $0 * 0.2 : $0 })
    #expect(multiplied(.elu, g, y) == pairs.map { $1 > 0 ? $0 : $0.addingProduct($0, $1) })
  }

  @Test func derivativesAreThoseOfTheActivations() {
    // Central differences of the float32 kernels: with a step of 2⁻⁶ the curvature leaves h²/6 · |f‴| ≤ 2⁻¹² · 2/6 and
    // rounding 2 ulp(1) / 2h = 2⁻¹⁷.
    let x = floats(512).filter { $0.magnitude > 0.1 }.prefix(256)
    let h: Float = 0x1p-6
    for kind in Activation.allCases {
      func f(_ x: [Float]) -> [Float] { activated(kind, x) }
      let slopes = zip(f(x.map { $0 + h }), f(x.map { $0 - h })).map { ($0 - $1) / (2 * h) }
      if kind.hasDerivativeByOutput {
        let derivatives = multiplied(kind, [Float](repeating: 1, count: x.count), f(Array(x)))
        #expect(zip(slopes, derivatives).allSatisfy { ($0 - $1).magnitude < 1e-4 }, "\(kind)")
      }
      let derivatives = activatedWithSlopes(kind, Array(x)).slopes
      #expect(zip(slopes, derivatives).allSatisfy { ($0 - $1).magnitude < 1e-4 }, "\(kind)")
    }
  }

  @Test func nothingHidesANaN() {
    let values: [Float] = [.nan, -.nan, 1, -1, 0, -0.0, .infinity, -.infinity]
    let relu = activated(.relu, values)
    #expect(zip(relu, [.nan, .nan, 1, 0, 0, -0.0, .infinity, 0] as [Float]).allSatisfy { isSame($0, $1) })
    for kind in [Activation.tanh, .sigmoid, .linear, .silu, .gelu, .leakyRelu, .elu] {
      #expect(activated(kind, values).prefix(2).allSatisfy { $0.isNaN })
      guard kind.hasDerivativeByOutput else { continue }
      #expect(multiplied(kind, values, [Float](repeating: 0.5, count: 8)).prefix(2).allSatisfy { $0.isNaN })
    }
    #expect(multiplied(.relu, values, [Float](repeating: 0.5, count: 8)).prefix(2).allSatisfy { $0.isNaN })
  }
}
