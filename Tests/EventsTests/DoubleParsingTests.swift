import Events
import Foundation
import Testing
import TestSupport

/// Parses the whole of `text`; nil unless the number ends where the text does.
private func parsed(_ text: String) -> Double? {
  let bytes = Array(text.utf8)
  var end = 0
  let value = parseDouble(bytes.span, from: &end)
  return end == bytes.count ? value : nil
}

/// The number of texts that are not read as strtod reads them, and the first of them.
private func differences(_ texts: some Sequence<String>) -> (count: Int, cases: Int, first: String?) {
  var (count, cases, first) = (0, 0, String?.none)
  for text in texts {
    let expected = unsafe strtod(text, nil)
    cases += 1
    guard parsed(text)?.bitPattern != expected.bitPattern else { continue }
    count += 1
    if first == nil { first = "\(text): \(String(describing: parsed(text))), strtod \(expected)" }
  }
  return (count, cases, first)
}

/// A finite double of either sign, any exponent or, half of the time, one that weights have.
private func randomDouble(_ random: inout SeededGenerator) -> Double {
  while true {
    let value = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random))
    if Bool.random(using: &random) {
      return Double(
        sign: value.sign, exponent: Int.random(in: -60...60, using: &random),
        significand: 1 + Double.random(in: 0..<1, using: &random))
    }
    if value.isFinite { return value }
  }
}

@Suite struct DoubleParsingTests {
  @Test func knownValues() {
    #expect(parsed("1") == 1)
    #expect(parsed("-.5") == -0.5)
    #expect(parsed("-0")?.bitPattern == (-0.0).bitPattern)
    #expect(parsed("1e-15") == 1e-15)
    #expect(parsed("1e300") == 1e300)
    #expect(parsed("9007199254740993") == 9_007_199_254_740_992)
    #expect(parsed("9007199254740993.00000000000000000000000001") == 9_007_199_254_740_994)
    #expect(parsed("1.7976931348623157e308") == .greatestFiniteMagnitude)
    #expect(parsed("1.7976931348623159e308") == .infinity)
    #expect(parsed("4.9406564584124654e-324") == .leastNonzeroMagnitude)
    #expect(parsed("2.4703282292062327e-324") == 0)
    #expect(parsed("1e-999999999999999999999") == 0)
    #expect(parsed("0e999999999999999999999") == 0)
    #expect(parsed("-1e999999999999999999999") == -.infinity)
    #expect(parsed("0." + String(repeating: "0", count: 5000) + "1e5001") == 1)
    #expect(parsed("1" + String(repeating: "0", count: 5000) + "e-5000") == 1)
  }

  @Test func whatIsNoNumberIsNaN() {
    for text in ["", "+", "-", ".", "-.", "e5", "1e", "1e+", "1.5e-", "nan", "inf", "x", "--1", "+-1", " 1"] {
      let bytes = Array(text.utf8)
      var position = 0
      #expect(parseDouble(bytes.span, from: &position).isNaN, "\(text)")
    }
    for (text, end) in [("1.5 2", 3), ("1.5.2", 3), ("1-2", 1), ("1e5e6", 3), ("0x10", 1), ("1_000", 1)] {
      let bytes = Array(text.utf8)
      var position = 0
      #expect(!parseDouble(bytes.span, from: &position).isNaN)
      #expect(position == end, "\(text)")
    }
  }

  @Test func randomDoublesInEveryNotation() {
    var random = SeededGenerator(state: 1)
    let formats = ["%.16e", "%.17g", "%.18e", "%.9g", "%.5g", "%.3f", "%.8e", "%.25e", "%.0f", "%.15g", "%.21e"]
    let result = differences(
      (0..<600_000).lazy.map { String(format: formats[$0 % formats.count], randomDouble(&random)) })
    #expect(result.cases == 600_000)
    #expect(result.count == 0, "\(result.first ?? "")")
  }

  /// Significands of 17 to 19 digits with every power of ten, which is where a table of powers would show.
  @Test func everyPowerOfTen() {
    var random = SeededGenerator(state: 2)
    let result = differences(
      (-345...312).lazy.flatMap { power in
        (0..<200).map { _ in
          "\(UInt64.random(in: 0...9_999_999_999_999_999_999, using: &random) >> UInt64.random(in: 0...30, using: &random))e\(power)"
        }
      })
    #expect(result.cases == 658 * 200)
    #expect(result.count == 0, "\(result.first ?? "")")
  }

  @Test func midpointsOfDoublesAndTheirNeighbours() {
    var random = SeededGenerator(state: 3)
    let result = differences(
      (0..<20_000).lazy.flatMap { _ -> [String] in
        // Of integers up to 2^63 the midpoints are integers, too; 19 digits hold them.
        let bits = UInt64.random(in: 1 << 53..<1 << 63, using: &random)
        let shift = UInt64(11 - bits.leadingZeroBitCount)
        let midpoint = (bits >> shift) << shift + 1 << (shift - 1)
        // The same below 1, exact with all its digits.
        let fraction = String(format: "%.80f", Double((midpoint >> shift) << shift) * 0x1p-64)
        return ["\(midpoint)", "\(midpoint - 1)", "\(midpoint + 1)", "\(midpoint).0000000000000000000001", fraction]
      })
    #expect(result.cases > 90_000)
    #expect(result.count == 0, "\(result.first ?? "")")
  }
}
