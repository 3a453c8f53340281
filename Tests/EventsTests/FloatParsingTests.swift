import Events
import Foundation
import Machine
import Testing
import TestSupport

/// Parses the whole of `text`; nil unless the number ends where the text does, and is the same far from the end of the bytes,
/// where it may be read eight digits at a time.
private func parsed(_ text: String) -> Float? {
  let bytes = Array(text.utf8)
  var (end, endOfPadded) = (0, 0)
  let value = parseFloat(bytes.span, from: &end)
  let padded = parseFloat((bytes + padding).span, from: &endOfPadded)
  return end == bytes.count && endOfPadded == end && padded.bitPattern == value.bitPattern ? value : nil
}

/// What follows a number in a long file.
private let padding = Array(String(repeating: " 1234567890.e+", count: 8).utf8)

/// The number of texts that are not read as strtof reads them, and the first of them.
private func differences(_ texts: some Sequence<String>) -> (count: Int, cases: Int, first: String?) {
  var (count, cases, first) = (0, 0, String?.none)
  for text in texts {
    let expected = unsafe strtof(text, nil)
    cases += 1
    guard parsed(text)?.bitPattern != expected.bitPattern else { continue }
    count += 1
    if first == nil { first = "\(text): \(String(describing: parsed(text))), strtof \(expected)" }
  }
  return (count, cases, first)
}

@Suite struct FloatParsingTests {
  @Test func knownValues() {
    #expect(parsed("1") == 1)
    #expect(parsed("+1.5") == 1.5)
    #expect(parsed("-.5") == -0.5)
    #expect(parsed("5.") == 5)
    #expect(parsed("1E3") == 1000)
    #expect(parsed("1e+03") == 1000)
    #expect(parsed("-0")?.bitPattern == (-0.0 as Float).bitPattern)
    #expect(parsed("0e999999999999999999999") == 0)
    #expect(parsed("1e-999999999999999999999") == 0)
    #expect(parsed("3.4028235e38") == .greatestFiniteMagnitude)
    #expect(parsed("0.000012345678901234567890") == 1.2345679e-05)
    #expect(parsed("00000000000000000000000000000000001.5") == 1.5)
    #expect(parsed("1e-45") == .leastNonzeroMagnitude)
    #expect(parsed("0." + String(repeating: "0", count: 5000) + "1e5001") == 1)
    #expect(parsed("1" + String(repeating: "0", count: 5000) + "e-5000") == 1)
  }

  @Test func overflowIsInfinite() {
    for text in ["1e39", "3.4028236e38", "1e999", "-1e999999999999999999999", String(repeating: "9", count: 60)] {
      #expect(parsed(text)?.isInfinite == true, "\(text)")
    }
    #expect(parsed("-1e999") == -.infinity)
  }

  @Test func whatIsNoNumberIsNaN() {
    for text in ["", "+", "-", ".", "-.", "e5", "1e", "1e+", "1.5e-", "nan", "inf", "x", "--1", "+-1", " 1"] {
      let bytes = Array(text.utf8)
      var position = 0
      #expect(parseFloat(bytes.span, from: &position).isNaN, "\(text)")
      position = 0
      #expect(parseFloat((bytes + padding).span, from: &position).isNaN, "\(text)")
    }
  }

  @Test func stopsBehindTheNumber() {
    for (text, end) in [("1.5 2", 3), ("1.5.2", 3), ("1-2", 1), ("1e5e6", 3), ("0x10", 1), ("1_000", 1)] {
      let bytes = Array(text.utf8)
      var position = 0
      #expect(!parseFloat(bytes.span, from: &position).isNaN)
      #expect(position == end, "\(text)")
      position = 0
      #expect(!parseFloat((bytes + padding).span, from: &position).isNaN)
      #expect(position == end, "\(text)")
    }
  }

  @Test func randomFloatsInEveryNotation() {
    var random = SeededGenerator(state: 1)
    let formats = ["%.18e", "%.17g", "%.9g", "%.5g", "%.3f", "%.8e", "%.25e", "%.0f", "%.40f"]
    let result = differences(
      (0..<500_000).lazy.map { index -> String in
        // Any finite float of either sign, subnormals among them, and doubles around it.
        var value = Float.nan
        while !value.isFinite { value = Float(bitPattern: UInt32.random(in: 0 ... .max, using: &random)) }
        let wide = Double(value) * (index % 3 == 0 ? 1 : Double.random(in: 0.5...2, using: &random))
        return String(format: formats[index % formats.count], wide)
      })
    #expect(result.cases == 500_000)
    #expect(result.count == 0, "\(result.first ?? "")")
  }

  @Test func midpointsOfFloatsAndTheirNeighbours() {
    var random = SeededGenerator(state: 2)
    let result = differences(
      (0..<100_000).lazy.flatMap { _ -> [String] in
        let low = Float(bitPattern: UInt32.random(in: 0..<0x7F7F_FFFF, using: &random))
        let midpoint = (Double(low) + Double(low.nextUp)) / 2
        // Every double is a finite decimal; 160 digits hold the midpoint of two subnormals exactly.
        let exact = String(format: "%.160e", midpoint)
        let parts = exact.split(separator: "e")
        let power = String(parts[1])
        return [
          exact, "\(parts[0])1e\(power)", String(format: "%.17g", midpoint.nextDown),
          String(format: "%.17g", midpoint.nextUp), String(format: "%.18e", midpoint),
        ]
      })
    #expect(result.cases == 500_000)
    #expect(result.count == 0, "\(result.first ?? "")")
  }

  @Test func digitsAtRandom() {
    var random = SeededGenerator(state: 3)
    let result = differences(
      (0..<300_000).lazy.map { _ -> String in
        var text = ["", "-", "+"].randomElement(using: &random) ?? ""
        for _ in 0..<Int.random(in: 1...24, using: &random) {
          text += Int.random(in: 0...2, using: &random) == 0 ? "0" : "\(Int.random(in: 0...9, using: &random))"
        }
        if Bool.random(using: &random) {
          text += "."
          for _ in 0..<Int.random(in: 0...24, using: &random) { text += "\(Int.random(in: 0...9, using: &random))" }
        }
        if Bool.random(using: &random) { text += "e\(Int.random(in: -90...60, using: &random))" }
        return text
      })
    #expect(result.cases == 300_000)
    #expect(result.count == 0, "\(result.first ?? "")")
  }

  @Test func integersAroundPowersOfTwoAndOfTen() {
    var texts: [String] = []
    for shift in 0..<64 {
      for offset in -3...3 {
        let integer = (UInt64(1) << UInt64(shift)) &+ UInt64(bitPattern: Int64(offset))
        texts.append("\(integer)")
        for power in stride(from: -60, through: 40, by: 5) { texts.append("\(integer)e\(power)") }
      }
    }
    for power in -80...45 {
      texts += ["1e\(power)", "9.999999999999999999e\(power)", "1.0000000000000000001e\(power)"]
    }
    let result = differences(texts)
    #expect(result.count == 0, "\(result.first ?? "")")
  }
}
