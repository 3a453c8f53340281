import ElementaryFunctions
import Foundation
import Testing
import TestSupport

@Suite struct ElementaryTests {
  @Test func naturalLogarithm() {
    #expect(worst(uniform(0.5, 2), { Elementary.naturalLogarithm($0) }, { log($0) }) < bound)
    #expect(worst(uniform(0.999, 1.001), { Elementary.naturalLogarithm($0) }, { log($0) }) < bound)
    #expect(worst(uniform(0, 1e300), { Elementary.naturalLogarithm($0) }, { log($0) }) < bound)
    #expect(worst(uniform(0, 0x1p-1022), { Elementary.naturalLogarithm($0) }, { log($0) }) < bound)
    let powers = uniform(-745, 709).lazy.map { exp($0) as Double }
    #expect(worst(powers, { Elementary.naturalLogarithm($0) }, { log($0) }) < bound)
    let edges = [
      1.0, 1.0.nextUp, 1.0.nextDown, 0.5.squareRoot(), 2.0.squareRoot(), .leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude,
    ]
    #expect(worst(edges, { Elementary.naturalLogarithm($0) }, { log($0) }) < bound)
    #expect(Elementary.naturalLogarithm(0) == -.infinity)
    #expect(Elementary.naturalLogarithm(.infinity) == .infinity)
    #expect(Elementary.naturalLogarithm(-1).isNaN)
    #expect(Elementary.naturalLogarithm(.nan).isNaN)
  }

  @Test func exponential() {
    for arguments in [uniform(-1, 1), uniform(-700, 700), uniform(-0x1p-20, 0x1p-20), uniform(700, 709.78)] {
      #expect(worst(arguments, { Elementary.exponential($0) }, { exp($0) }) < bound)
    }
    // The largest number whose power is a number, and the smallest one whose power is a normal one.
    #expect(
      worst([0x1.62e42fefa39efp9, -0x1.6232bdd7abcd2p9, -0.5, 0.5], { Elementary.exponential($0) }, { exp($0) }) < bound
    )
    #expect(Elementary.exponential(0) == 1 && Elementary.exponential(-0.0) == 1)
    #expect(Elementary.exponential(709.79) == .infinity && Elementary.exponential(.infinity) == .infinity)
    #expect(Elementary.exponential(-709) == 0 && Elementary.exponential(-.infinity) == 0)
    #expect(Elementary.exponential(.nan).isNaN)
  }

  @Test func sineAndCosine() {
    // The doubles next to multiples of π/2, where all but the last parts of π/2 cancel.
    let zeros = uniform(0, 0x1p19).lazy.map { $0.rounded() * (Double.pi / 2) }
    for arguments in [uniform(-4, 4), uniform(-0x1p20, 0x1p20), uniform(0, 0x1p-20)] {
      #expect(worst(arguments, { Elementary.sine($0) }, { sin($0) }) < bound)
      #expect(worst(arguments, { Elementary.cosine($0) }, { cos($0) }) < bound)
    }
    #expect(worst(zeros, { Elementary.sine($0) }, { sin($0) }) < bound)
    #expect(worst(zeros, { Elementary.cosine($0) }, { cos($0) }) < bound)
    #expect(worst([0x1p20, -0x1p20, .leastNonzeroMagnitude], { Elementary.sine($0) }, { sin($0) }) < bound)
    #expect(Elementary.sine(-0.0).sign == .minus)
    for x in [0x1p20.nextUp, -0x1p21, .infinity, .nan] {
      #expect(Elementary.sine(x).isNaN)
      #expect(Elementary.cosine(x).isNaN)
    }
  }

  @Test func power() {
    var worst = 0.0
    for (index, base) in uniform(0.95, 1.05).enumerated() {
      let exponent = (index * 7919) % 20_001 - 10_000
      worst = max(worst, ulps(Elementary.power(base, exponent), from: pow(Wide(base), Wide(exponent))))
    }
    #expect(worst < bound)
    #expect(Elementary.power(-3, 3) == -27)
    #expect(Elementary.power(2, 1023) == 0x1p1023)
    #expect(Elementary.power(2, -1074) == .leastNonzeroMagnitude)
    #expect(Elementary.power(2, 1024) == .infinity)
    #expect(Elementary.power(0.5, 2000) == 0)
    #expect(Elementary.power(.nan, 0) == 1)
    #expect(Elementary.power(.nan, 2).isNaN)
    #expect(Elementary.power(0, -1) == .infinity)
    #expect(Elementary.power(-0.0, -3) == -.infinity)
    #expect(Elementary.power(.infinity, -2) == 0)
    #expect(Elementary.power(-1, .min) == 1)
    // Adam's bias correction after a million steps.
    #expect(ulps(Elementary.power(0.999, 1_000_000), from: pow(Wide(0.999), 1_000_000)) < bound)
  }
}
