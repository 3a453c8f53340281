import ElementaryFunctions
import Testing
import TestSupport

/// What functions make of spans has the bits of what they make of one number.
@Suite struct ElementaryArrayTests {
  /// Numbers of all sizes, those where functions change their way, and those that are none.
  let arguments: [Double] = {
    let edges: [Double] = [
      0, 1, 0.5, 1.0.nextUp, 1.0.nextDown, 0.5.squareRoot(), 2.0.squareRoot(), 0.34657359027997264, .pi / 2, .pi, 22,
      37, 40,
      709.79, 708.4, 710.5, 711, 745, 0x1p20, 0x1p20.nextUp, 0x1p28, 0x1p28.nextUp, 0x1p53, 0x1p900, 0x1p-900, 1e300,
      .leastNonzeroMagnitude, .leastNormalMagnitude, .leastNormalMagnitude.nextDown, .greatestFiniteMagnitude,
      .infinity, .nan,
    ]
    let bits = uniform(0, 1, count: 20_000).map { Double(bitPattern: UInt64($0 * 0x1p53) &* 0x9e37_79b9_7f4a_7c15) }
    let others = [(-1e-5, 1e-5), (-1, 1), (-10, 10), (-800, 800), (-0x1p20, 0x1p20), (0, 1e6)]
      .flatMap { Array(uniform($0.0, $0.1, count: 10_000)) }
    // In another order, so that rare ones are beside usual ones.
    let all = edges + edges.map { -$0 } + bits + others
    return all.indices.map { all[$0 * 7919 % all.count] }
  }()

  /// The first argument whose result in a span has other bits, for spans of all lengths up to 300.
  private func difference(_ inPlace: (inout MutableSpan<Double>) -> Void, _ function: (Double) -> Double) -> Double? {
    var start = 0
    var length = 0
    while start < arguments.count {
      length = length % 300 + 1
      let part = arguments[start..<min(start + length, arguments.count)]
      var values = Array(part)
      var span = values.mutableSpan
      inPlace(&span)
      for (x, value) in zip(part, values) where value.bitPattern != function(x).bitPattern { return x }
      start += length
    }
    return nil
  }

  @Test func functionsOfOneNumber() {
    #expect(difference({ Elementary.exponential(&$0) }, { Elementary.exponential($0) }) == nil)
    #expect(difference({ Elementary.exponentialMinusOne(&$0) }, { Elementary.exponentialMinusOne($0) }) == nil)
    #expect(difference({ Elementary.naturalLogarithm(&$0) }, { Elementary.naturalLogarithm($0) }) == nil)
    #expect(difference({ Elementary.logarithmOnePlus(&$0) }, { Elementary.logarithmOnePlus($0) }) == nil)
    #expect(difference({ Elementary.decimalLogarithm(&$0) }, { Elementary.decimalLogarithm($0) }) == nil)
    #expect(difference({ Elementary.sine(&$0) }, { Elementary.sine($0) }) == nil)
    #expect(difference({ Elementary.cosine(&$0) }, { Elementary.cosine($0) }) == nil)
    #expect(difference({ Elementary.tangent(&$0) }, { Elementary.tangent($0) }) == nil)
    #expect(difference({ Elementary.hyperbolicSine(&$0) }, { Elementary.hyperbolicSine($0) }) == nil)
    #expect(difference({ Elementary.hyperbolicCosine(&$0) }, { Elementary.hyperbolicCosine($0) }) == nil)
    #expect(difference({ Elementary.hyperbolicTangent(&$0) }, { Elementary.hyperbolicTangent($0) }) == nil)
    #expect(difference({ Elementary.inverseHyperbolicSine(&$0) }, { Elementary.inverseHyperbolicSine($0) }) == nil)
  }

  @Test func arcTangent() {
    let x = Array(arguments.reversed())
    let inPlace = { (y: inout MutableSpan<Double>, first: Int) in
      Elementary.arcTangent(y: &y, x: x.span.extracting(first..<first + y.count))
    }
    for first in stride(from: 0, to: x.count - 300, by: 257) {
      var values = Array(arguments[first..<first + 1 + first % 300])
      let y = values
      var span = values.mutableSpan
      inPlace(&span, first)
      let expected = y.indices.map { Elementary.arcTangent(y: y[$0], x: x[first + $0]).bitPattern }
      #expect(values.map(\.bitPattern) == expected)
    }
  }

  @Test func sineAndCosine() {
    var sines = arguments
    var cosines = arguments
    var sineSpan = sines.mutableSpan
    var cosineSpan = cosines.mutableSpan
    Elementary.sineAndCosine(&sineSpan, cosines: &cosineSpan)
    #expect(sines.map(\.bitPattern) == arguments.map { Elementary.sine($0).bitPattern })
    #expect(cosines.map(\.bitPattern) == arguments.map { Elementary.cosine($0).bitPattern })
    for x in arguments {
      let both = Elementary.sineAndCosine(x)
      #expect(both.sine.bitPattern == Elementary.sine(x).bitPattern)
      #expect(both.cosine.bitPattern == Elementary.cosine(x).bitPattern)
    }
  }
}
