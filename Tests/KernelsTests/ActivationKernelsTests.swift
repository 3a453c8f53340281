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
  }

  @Test func derivativesAreThoseOfTheActivations() {
    // Central differences of the float32 kernels: with a step of 2⁻⁶ the curvature leaves h²/6 · |f‴| ≤ 2⁻¹² · 2/6 and
    // rounding 2 ulp(1) / 2h = 2⁻¹⁷.
    let x = floats(512).filter { $0.magnitude > 0.1 }.prefix(256)
    let h: Float = 0x1p-6
    for kind in [Activation.relu, .tanh, .sigmoid, .linear] {
      func f(_ x: [Float]) -> [Float] { activated(kind, x) }
      let slopes = zip(f(x.map { $0 + h }), f(x.map { $0 - h })).map { ($0 - $1) / (2 * h) }
      let derivatives = multiplied(kind, [Float](repeating: 1, count: x.count), f(Array(x)))
      #expect(zip(slopes, derivatives).allSatisfy { ($0 - $1).magnitude < 1e-4 }, "\(kind)")
    }
  }

  @Test func nothingHidesANaN() {
    let values: [Float] = [.nan, -.nan, 1, -1, 0, -0.0, .infinity, -.infinity]
    let relu = activated(.relu, values)
    #expect(zip(relu, [.nan, .nan, 1, 0, 0, -0.0, .infinity, 0] as [Float]).allSatisfy { isSame($0, $1) })
    for kind in [Activation.tanh, .sigmoid, .linear] {
      #expect(activated(kind, values).prefix(2).allSatisfy { $0.isNaN })
      #expect(multiplied(kind, values, [Float](repeating: 0.5, count: 8)).prefix(2).allSatisfy { $0.isNaN })
    }
    #expect(multiplied(.relu, values, [Float](repeating: 0.5, count: 8)).prefix(2).allSatisfy { $0.isNaN })
  }
}
