import ElementaryFunctions
import Foundation
import Testing
import TestSupport

/// The functions for variables that are derived from those of an event.
@Suite struct ElementaryVariablesTests {
  let everywhere = [(-1e-5, 1e-5), (-0.35, 0.35), (0.34, 1.1), (-3, 3), (10, 40), (-710, 710)]
  let notFinite = [Double.infinity, -.infinity, .nan]

  @Test func hyperbolicSine() {
    let function: (Double) -> Double = { Elementary.hyperbolicSine($0) }
    #expect(worst(in: everywhere, function, { sinh($0) }) < bound)
    #expect(worst([710.4758600739439, -710.4758600739439, .leastNonzeroMagnitude], function, { sinh($0) }) < bound)
    #expect(function(710.4758600739440) == .infinity && function(-1e300) == -.infinity)
    #expect(function(.infinity) == .infinity && function(-.infinity) == -.infinity && function(.nan).isNaN)
    #expect(isNegativeZero(function(-0.0)))
  }

  @Test func hyperbolicCosine() {
    let function: (Double) -> Double = { Elementary.hyperbolicCosine($0) }
    #expect(worst(in: everywhere, function, { cosh($0) }) < bound)
    #expect(worst([710.4758600739439, -710.4758600739439], function, { cosh($0) }) < bound)
    #expect(function(0) == 1 && function(-0.0) == 1)
    #expect(function(710.4758600739440) == .infinity && function(-1e300) == .infinity)
    #expect(function(.infinity) == .infinity && function(-.infinity) == .infinity && function(.nan).isNaN)
  }

  @Test func hyperbolicTangent() {
    let function: (Double) -> Double = { Elementary.hyperbolicTangent($0) }
    #expect(worst(in: everywhere, function, { tanh($0) }) < bound)
    #expect(worst([.leastNonzeroMagnitude, 19.06, 19.07, 22, 1e300], function, { tanh($0) }) < bound)
    #expect(function(.infinity) == 1 && function(-.infinity) == -1 && function(.nan).isNaN)
    #expect(isNegativeZero(function(-0.0)))
  }

  @Test func inverseHyperbolicSine() {
    let function: (Double) -> Double = { Elementary.inverseHyperbolicSine($0) }
    let ranges = everywhere + [(0, 1e5), (0x1p28 - 1e4, 0x1p28 + 1e4), (1e15, 1e17), (0, 1.7e308)]
    #expect(worst(in: ranges, function, { asinh($0) }) < bound)
    #expect(worst([.leastNonzeroMagnitude, .greatestFiniteMagnitude, 0x1p28], function, { asinh($0) }) < bound)
    #expect(function(.infinity) == .infinity && function(-.infinity) == -.infinity && function(.nan).isNaN)
    #expect(isNegativeZero(function(-0.0)))
  }

  @Test func exponentialMinusOne() {
    let function: (Double) -> Double = { Elementary.exponentialMinusOne($0) }
    #expect(worst(in: everywhere + [(-1.1, -0.3), (-45, -30)], function, { expm1($0) }) < bound)
    #expect(worst([0x1.62e42fefa39efp9, .leastNonzeroMagnitude, -1e300], function, { expm1($0) }) < bound)
    #expect(function(0x1.62e42fefa39efp9.nextUp) == .infinity && function(.infinity) == .infinity)
    #expect(function(-.infinity) == -1 && function(.nan).isNaN && isNegativeZero(function(-0.0)))
  }

  @Test func logarithmOnePlus() {
    let function: (Double) -> Double = { Elementary.logarithmOnePlus($0) }
    let ranges = [
      (-1e-5, 1e-5), (-0.35, 0.45), (-0.6, -0.25), (-1, -0.9), (0.4, 3), (0, 1e5), (1e15, 1e17), (0, 1.7e308),
    ]
    #expect(worst(in: ranges, function, { log1p($0) }) < bound)
    let edges = [(-1.0).nextUp, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0x1p53, 0x1p54]
    #expect(worst(edges, function, { log1p($0) }) < bound)
    #expect(function(-1) == -.infinity && function(.infinity) == .infinity && isNegativeZero(function(-0.0)))
    #expect(function((-1.0).nextDown).isNaN && function(-.infinity).isNaN && function(.nan).isNaN)
  }

  @Test func decimalLogarithm() {
    let function: (Double) -> Double = { Elementary.decimalLogarithm($0) }
    let ranges = [(0.5, 2), (0.99, 1.01), (0.4, 0.8), (0, 1e5), (0, 1.7e308), (0, 0x1p-1022)]
    #expect(worst(in: ranges, function, { log10($0) }) < bound)
    let edges: [Double] = [.leastNonzeroMagnitude, 1.0.nextUp, 1.0.nextDown]
    #expect(worst(edges, function, { log10($0) }) < bound)
    for exponent in 0...22 { #expect(function(Elementary.power(10, exponent)) == Double(exponent)) }
    #expect(function(0) == -.infinity && function(-0.0) == -.infinity && function(.infinity) == .infinity)
    #expect(function(-1).isNaN && function(-.infinity).isNaN && function(.nan).isNaN)
  }

  @Test func tangent() {
    let function: (Double) -> Double = { Elementary.tangent($0) }
    #expect(worst(in: [(-1e-5, 1e-5), (-0.8, 0.8), (-4, 4), (-0x1p20, 0x1p20)], function, { tan($0) }) < bound)
    let poles = uniform(0, 0x1p19, count: 200_000).lazy.map { $0.rounded() * (Double.pi / 2) }
    #expect(worst(poles, function, { tan($0) }) < bound)
    #expect(worst([0x1p20, -0x1p20, .leastNonzeroMagnitude], function, { tan($0) }) < bound)
    #expect(isNegativeZero(function(-0.0)))
    let beyond: [Double] = [0x1p20.nextUp, -0x1p21]
    for x in notFinite + beyond { #expect(function(x).isNaN) }
  }

  @Test func arcTangent() {
    let ranges = [
      (-1.0, 1.0, -1.0, 1.0), (-1, 1, 0, 1e-3), (-1e-3, 1e-3, -1, 1), (0.99, 1.01, 0.99, 1.01),
      (0.4, 0.42, -1.01, -0.99),
      (-1e307, 1e307, -1e307, 1e307), (-1e-300, 1e-300, -1e-300, 1e-300), (0, 0x1p-1024, 0, 0x1p-1024),
    ]
    for (lowY, highY, lowX, highX) in ranges {
      let points = zip(uniform(lowY, highY, count: 200_000), uniform(0, 1, count: 200_000))
      var worst = 0.0
      for (y, share) in points {
        // Another permutation of the numbers: those of one share with those of the next.
        let x = lowX + (highX - lowX) * (share * 7919 - (share * 7919).rounded(.down))
        worst = max(worst, ulps(Elementary.arcTangent(y: y, x: x), from: atan2(Wide(y), Wide(x))))
      }
      #expect(worst < bound)
    }
    let edges = [
      0, 1, 3, 2.0.squareRoot() - 1, 1e300, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
      .infinity,
      0x1p900, 0x1p-900,
    ]
    for y in edges + edges.map({ -$0 }) {
      for x in edges + edges.map({ -$0 }) {
        let angle = Elementary.arcTangent(y: y, x: x)
        let exact = atan2(Wide(y), Wide(x))
        #expect(ulps(angle, from: exact) <= bound && angle.sign == exact.sign, "y = \(y), x = \(x)")
      }
      #expect(Elementary.arcTangent(y: y, x: .nan).isNaN && Elementary.arcTangent(y: .nan, x: y).isNaN)
    }
  }

  @Test func realPower() {
    let random = uniform(0, 1, count: 400_000)
    var worst = 0.0
    for (index, u) in random.enumerated() {
      let share = u * 7919 - (u * 7919).rounded(.down)
      let (base, exponent): (Double, Double) =
        switch index % 4 {
        case 0: (3 * u, 200 * share - 100)
        case 1: (0.999 + 0.002 * u, 1.4e6 * share - 7e5)
        case 2: (0.7 + 0.72 * u, 4000 * share - 2000)
        default: (Elementary.power(2, Int(2090 * u) - 1070) * (1 + share), 2 * u - 1)
        }
      worst = max(worst, ulps(Elementary.power(base, exponent), from: pow(Wide(base), Wide(exponent))))
    }
    #expect(worst < bound)
    let edges = [
      0, 1, 2, 0.5, 3, 1.5, 2.5, 1e300, 0x1p52 + 1, 0x1p53 - 1, 0x1p53, 1.0.nextUp, 1.0.nextDown,
      .leastNonzeroMagnitude,
      .greatestFiniteMagnitude, .infinity,
    ]
    let all = edges + edges.map { -$0 } + [.nan]
    for base in all {
      for exponent in all {
        let value = Elementary.power(base, exponent)
        let exact = pow(Wide(base), Wide(exponent))
        #expect(ulps(value, from: exact) < bound, "\(base) to the power \(exponent)")
        #expect(value.isNaN || value.sign == exact.sign, "\(base) to the power \(exponent)")
      }
    }
    #expect(
      Elementary.power(.nan, 0.0) == 1 && Elementary.power(1.0, .nan) == 1 && Elementary.power(-1, .infinity) == 1)
  }

  /// The distance from the root of Φ(x) = p is that of Newton's step, in which nothing may cancel: near ½ it takes the error
  /// function, beyond it the probability of the smaller side.
  @Test func inverseNormal() {
    func ulpsFromRoot(_ p: Double) -> Double {
      let x = Wide(Elementary.inverseNormal(p))
      let root = Wide(2).squareRoot()
      let density = exp(-x * x / 2) / (2 * Wide.pi).squareRoot()
      let step: Wide =
        if x.magnitude < 1 {
          (erf(x / root) / 2 - (Wide(p) - 0.5)) / density
        } else if x < 0 {
          (erfc(-x / root) / 2 - Wide(p)) / density
        } else {
          ((1 - Wide(p)) - erfc(x / root) / 2) / density
        }
      return ulps(Double(x), from: x - step)
    }
    let bound = Wide.self == Double.self ? 8 : 1.5
    for (low, high) in [(0, 1), (0.07, 0.08), (0.4999, 0.5001), (0.999, 1)] {
      #expect(uniform(low, high, count: 200_000).lazy.filter { $0 > 0 }.map { ulpsFromRoot($0) }.max() ?? 9 < bound)
    }
    let small = uniform(-700, -2, count: 200_000).lazy.map { Elementary.exponential($0) }
    #expect(small.map { ulpsFromRoot($0) }.max() ?? 9 < bound)
    #expect([0.075, 0.925, 0x1p-36, 1 - 0x1p-53, 0x1p-1022].map { ulpsFromRoot($0) }.max() ?? 9 < bound)
    #expect(Elementary.inverseNormal(0.5) == 0)
    #expect(Elementary.inverseNormal(0) == -.infinity && Elementary.inverseNormal(1) == .infinity)
    let outside: [Double] = [-.leastNonzeroMagnitude, 1.0.nextUp]
    for p in notFinite + outside { #expect(Elementary.inverseNormal(p).isNaN) }
  }
}
