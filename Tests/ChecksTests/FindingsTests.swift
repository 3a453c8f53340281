import Checks
import Events
import Testing

private let count = 2000
private let one = Numbers(1)
private let two = Numbers(2)

/// One column, of signal and bkg, as each check is to see it.
private func codes(_ name: String, _ signal: [Float], _ bkg: [Float]) -> [String] {
  // A second one that is fine.
  codes([name, "fine"], [signal, Numbers(3).normal(signal.count)], [bkg, Numbers(4).normal(bkg.count)])
}

@Suite struct FindingsTests {
  @Test(arguments: ["lep_pt", "x", "jet1_mass"]) func whatIsOrdinary(_ name: String) {
    #expect(codes(name, one.falling(count), two.falling(count)) == [])
    #expect(codes("eta", one.normal(count), two.normal(count)) == [])
    #expect(
      codes("charge", one.uniform(count).map { $0 < 0.5 ? -1 : 1 }, two.uniform(count).map { $0 < 0.4 ? -1 : 1 }) == [])
    #expect(
      codes("n_jets", one.uniform(count).map { ($0 * 6).rounded() }, two.uniform(count).map { ($0 * 7).rounded() })
        == [])
    #expect(codes("btag", one.uniform(count), two.uniform(count).map { $0 * $0 }) == [])
    #expect(codes("phi", one.uniform(count, -3.1415...3.1415), two.uniform(count, -3.1415...3.1415)) == [])
    #expect(codes("pt", one.uniform(20), two.uniform(20)) == [])
  }

  @Test func valuesThatAreNotFinite() {
    var column = one.normal(count)
    column[7] = .nan
    column[9] = -.infinity
    let found = findings(["x"], [process("signal", class: 0, [column]), process("bkg", class: 1, [two.normal(count)])])
    #expect(
      found.map(\.code) == ["nan", "inf"] && found.allSatisfy { $0.severity == .error && $0.file == "signal.npy" })
    #expect(found[0].what.contains("1 NaN value") && found[0].what.hasSuffix("event 8"))
    #expect(codes("x", Array(repeating: .nan, count: count), two.normal(count)) == ["nan"])
  }

  @Test func numbersForMissingValues() {
    let signal = one.uniform(count)
    #expect(codes("x", signal.map { $0 < 0.003 ? -1 : $0 }, two.uniform(count)) == ["missing-value"])
    #expect(codes("x", signal.map { $0 < 0.003 ? 9999 : $0 }, two.uniform(count)) == ["missing-value"])
    #expect(codes("x", signal.map { $0 < 0.1 ? 0 : 20 + $0 }, two.uniform(count).map { 20 + $0 }) == ["zero-filled"])
    #expect(codes("x", signal.map { min($0, 0.9) }, two.uniform(count).map { min($0, 0.9) }) == ["clipped"])
    #expect(codes("x", signal.map { $0 < 0.1 ? 0 : $0 - 0.1 }, two.uniform(count)) == [])
    #expect(codes("btag", signal.map { min($0 + 0.1, 1) }, two.uniform(count)) == [])
    #expect(codes("x", signal.map { $0 < 0.1 ? 0.5 : $0 }, two.uniform(count)) == ["spike"])
  }

  @Test func constantColumns() {
    #expect(codes("x", (0..<count).map { $0 == 5 ? 1 : 0 }, Array(repeating: 0, count: count)) == ["nearly-constant"])
    #expect(codes("x", Array(repeating: 0.5, count: count), two.uniform(count)) == ["constant-in-process"])
    // Most events of the other process have it too, and few could have agreed by chance.
    #expect(codes("x", Array(repeating: 1, count: count), two.uniform(count).map { $0 < 0.9 ? 1 : 0 }) == [])
  }

  @Test func featuresThatSayTheSame() {
    let (x, y) = (one.falling(count), two.falling(count))
    func found(_ function: (Float) -> Float) -> [String] {
      codes(["x", "y"], [x, x.map(function)], [y, y.map(function)])
    }
    #expect(found { $0 } == ["linear-copy"] && found { 3 - 2 * $0 } == ["linear-copy"])
    #expect(found { 1 / $0 } == ["function-of-another"])
    #expect(found { ($0 - 30) * ($0 - 30) } == ["function-of-another"])
    // A few values far away, in the same events, are no connection of the others.
    let far = { (column: [Float]) in column.enumerated().map { $0 % 500 == 0 ? 1e30 : $1 } }
    #expect(
      !codes(["x", "y"], [far(x), far(Numbers(6).falling(count))], [y, Numbers(7).falling(count)]).contains(
        "linear-copy"))
    // Known to 10 % is not known.
    let noise = Numbers(5).normal(count)
    #expect(
      codes(["x", "y"], [x, zip(x, noise).map { $0 + 0.1 * $1 * $0 }], [y, zip(y, noise).map { $0 + 0.1 * $1 * $0 }])
        == [])
  }

  @Test func units() {
    let (x, y) = (one.falling(count), two.falling(count))
    #expect(codes("x", x.map { 1000 * $0 }, y) == ["units-between-processes"])
    #expect(codes("x", x.map { 20 * $0 }, y) != ["units-between-processes"])
    let (a, b, c) = (Numbers(5).falling(count), Numbers(6).falling(count), Numbers(7).falling(count))
    #expect(
      codes(["pt", "met", "mass"], [x, a, b.map { 1000 * $0 }], [y, c, a.reversed().map { 1000 * $0 }])
        == ["units-between-features"])
    let mixed = x.enumerated().map { $0 < count / 2 ? 1000 * $1 : $1 }
    #expect(
      codes(["x"], [process("signal", class: 0, [mixed], files: 2), process("bkg", class: 1, [y])])
        == ["units-between-files"])
  }

  @Test func whatGivesTheClassAway() {
    #expect(codes("x", one.uniform(count), two.uniform(count, 2...3)) == ["ranges-apart"])
    #expect(codes("x", one.normal(count), two.normal(count).map { $0 + 5 }) == ["class-leak"])
    #expect(codes("x", one.normal(count), two.normal(count).map { $0 + 2 }) == [])
    // Of labels, the classes are those of the events.
    var mixed = process("all", class: nil, [one.uniform(count).enumerated().map { Float($0 % 2) * 5 + $1 }])
    mixed.sample.labels = (0..<count).map { UInt16($0 % 2) }
    #expect(codes(["x"], [mixed]) == ["ranges-apart"])
  }

  @Test func numbersOfRows() {
    #expect(codes("x", (0..<count).map { Float($0) }, (0..<count).map { Float(3 * $0) }) == ["row-number"])
    #expect(codes("x", one.normal(count).sorted(), two.normal(count)) == ["sorted"])
  }

  @Test func azimuths() {
    let (signed, unsigned) = (one.uniform(count, -3.1415...3.1415), two.uniform(count, 0...6.2831))
    #expect(codes("lep_phi", signed, unsigned) == ["phi-convention"])
    #expect(codes("lep_phi", unsigned, two.uniform(count, 0...6.283)) == [])
    #expect(codes("lep_phi", signed, signed.reversed().map { 57.29578 * $0 }) == ["phi-degrees"])
    #expect(codes("dphi", signed, zip(signed, unsigned).map { $0 - $1 }) == ["phi-range"])
    #expect(codes("dphi", one.uniform(count, 0...3.1415), two.uniform(count, 0...3.1415)) == [])
  }

  @Test func rangesOfPhysics() {
    let (x, y) = (one.uniform(count), two.uniform(count))
    #expect(codes("btag", x.map { $0 < 0.05 ? $0 - 0.2 : $0 }, y) == ["score-range"])
    #expect(codes("btag", x.map { 20 * $0 - 10 }, y.map { 20 * $0 - 10 }) == ["score-scale"])
    #expect(codes("lep_eta", x.map { $0 < 0.05 ? 15 + $0 : $0 }, y) == ["eta-range"])
    #expect(codes("lep_pt", x.map { $0 - 0.2 }, y) == ["negative-value"])
  }

  @Test func tails() {
    let x = one.uniform(count)
    let cubed = { (values: [Float]) in values.map { $0 * $0 * $0 } }
    #expect(codes("x", cubed(one.falling(count)), cubed(two.falling(count))) == ["long-tail"])
    #expect(codes("x", x.map { $0 == x[3] ? 50 : $0 }, two.uniform(count)) == ["outlier"])
    #expect(
      findings(["x"], [process("signal", class: 0, [x.map { $0 == x[3] ? 5e6 : $0 }]), process("bkg", class: 1, [x])])
        .first { $0.code == "outlier" }?.severity == .warning)
  }

  @Test func eventsThatAreThereTwice() {
    let (x, y) = ([one.normal(count), one.falling(count)], [two.normal(count), two.falling(count)])
    func copied(_ column: [Float], from other: [Float], _ number: Int) -> [Float] {
      column.dropLast(number) + other.prefix(number)
    }
    let twice = x.map { copied($0, from: $0, 100) }
    #expect(codes(["a", "b"], [process("signal", class: 0, twice), process("bkg", class: 1, y)]) == ["duplicates"])
    #expect(
      codes(
        ["a", "b"],
        [process("signal", class: 0, twice, uses: { $0 < 1800 ? .training : .test }), process("bkg", class: 1, y)])
        == ["duplicates", "duplicates-between-splits"])
    let both = [process("signal", class: 0, x), process("bkg", class: 1, zip(y, x).map { copied($0, from: $1, 50) })]
    let found = findings(["a", "b"], both)
    #expect(found.map(\.code) == ["duplicates-between-classes"] && found[0].what.hasPrefix("50 events (2.5 %"))
    // One alone is no warning, and features of few values agree by chance.
    #expect(
      findings(["a", "b"], [process("signal", class: 0, x.map { copied($0, from: $0, 1) }), both[1]]).first?.severity
        == .warning)
    let coarse = [x, y].map { $0.map { $0.map { $0.rounded() } } }
    #expect(codes(["a", "b"], coarse[0], coarse[1]) == [])
  }

  @Test func filesAndUsesThatAreNotAlike() {
    let x = one.normal(count)
    let moved = x.enumerated().map { $0 < count / 2 ? $1 : $1 + 1.5 }
    let bkg = process("bkg", class: 1, [two.normal(count)])
    #expect(codes(["x"], [process("signal", class: 0, [moved], files: 2), bkg]) == ["files-differ"])
    #expect(codes(["x"], [process("signal", class: 0, [x], files: 7), bkg]) == [])
    let uses = { (event: Int) in event < count / 2 ? EventUse.training : .test }
    #expect(
      codes(["x"], [process("signal", class: 0, [moved], uses: uses), bkg], isDividedByChance: false) == [
        "splits-differ"
      ])
    #expect(codes(["x"], [process("signal", class: 0, [x], uses: uses), bkg], isDividedByChance: false) == [])
  }

  @Test func weights() {
    let columns = [one.normal(count)]
    let other = [two.normal(count)]
    func found(_ signal: (Int) -> Double, _ bkg: (Int) -> Double) -> [String] {
      codes(
        ["x"],
        [
          process("signal", class: 0, columns, weights: (0..<count).map(signal)),
          process("bkg", class: 1, other, weights: (0..<count).map(bkg)),
        ])
    }
    #expect(found({ 1 + Double($0 % 3) }, { 2 + Double($0 % 5) }) == [])
    #expect(found({ $0 % 20 < 9 ? -1 : 1 }, { $0 % 4 == 0 ? -1 : 1 }) == ["mostly-negative"])
    #expect(found({ $0 % 10 < 7 ? 0 : 1 }, { $0 % 4 == 0 ? 0 : 1 }) == ["zero-weights"])
    #expect(found({ _ in 1 }, { _ in 1e-7 }) == ["weight-units"])
    #expect(found({ _ in 1 }, { 1 + Double($0 % 2) }) == ["equal-weights"])
    #expect(found({ $0 == 100 ? 1e4 : 1 + Double($0 % 2) }, { 1 + Double($0 % 2) }) == ["few-effective-events"])
  }

  @Test func names() {
    #expect(codes("eventWeight", one.normal(count), two.normal(count)) == ["bookkeeping-name"])
    #expect(codes("run_number", one.normal(count), two.normal(count)) == ["bookkeeping-name"])
    var signal = process("signal", class: 0, [one.normal(count)])
    signal.files[0].unused = ["jet1_mass"]
    let found = findings(["x"], [signal, process("bkg", class: 1, [two.normal(count)])])
    #expect(
      found.map(\.code) == ["unused-columns"] && found[0].severity == .note && found[0].what.contains("jet1_mass"))
  }

  @Test func roundedValues() {
    #expect(
      codes("x", one.normal(count).map { Float(bitPattern: $0.bitPattern & 0xFFFF_E000) }, two.normal(count)) == [
        "precision-differs"
      ])
  }

  /// What follows from something else is not named again, and errors come first.
  @Test func theOrder() {
    var survey = EventSurvey(
      features: ["pt"], classes: ["signal", "bkg"],
      processes: [
        process("signal", class: 0, [one.uniform(count).map { $0 < 0.1 ? -999 : $0 }]),
        process("bkg", class: 1, [two.uniform(count)]),
      ])
    survey.findings = [
      Finding(.warning, "sentinel", feature: "pt", what: ""), Finding(.error, "unusable-value", what: ""),
    ]
    #expect(EventCheck.findings(in: survey).map(\.code) == ["unusable-value", "sentinel"])
  }
}
