import Expressions
import Testing

@Suite struct DefinitionsTests {
  @Test func definitionsMayNeedEachOther() throws {
    let found = try values(["c", "b"], ["x": [2]], definitions: ["c": "b * 3", "b": "x + 1"])
    #expect(found == [[9], [3]])
  }

  private func failure(_ definitions: KeyValuePairs<String, String>, objects: [EventObject] = []) -> DefinitionError? {
    do {
      _ = try Definitions(
        objects: objects, definitions: definitions.map { .init(name: $0.key, text: $0.value) }, columns: ["x"]
      ).program(for: [.init(name: definitions[0].key, text: definitions[0].key)])
      return nil
    } catch { return error }
  }

  @Test func circlesAreRefused() throws {
    #expect(failure(["a": "a + 1"])?.error.what == "a is defined in terms of itself")
    let circle = try #require(failure(["a": "b", "b": "c + 1", "c": "2 * a"]))
    #expect(circle.error.what == "circular definitions: a → b → c → a")
    #expect(circle.name == "c")
    #expect(failure(["a": "log(0 * 1)"])?.name == "a")
  }

  @Test func sumsOfObjectsHaveNames() throws {
    let objects = ["a", "b", "c"].map { EventObject(name: $0, pt: $0 + "_pt", eta: $0 + "_eta", phi: $0 + "_phi") }
    let columns = [
      "a_pt": [40.0], "a_eta": [0.3], "a_phi": [1.0], "b_pt": [50.0], "b_eta": [-1.0], "b_phi": [3.0], "c_pt": [9.0],
      "c_eta": [2.0], "c_phi": [-2.0],
    ]
    let found = try values(
      ["m(h)", "m(a + b)", "dR(h, c)", "dR(a + b, c)", "pt(t)", "pt(a, b, c)", "min_dR(h, c)"], columns,
      objects: objects, definitions: ["h": "a + b", "t": "h + c"]
    ).map { $0[0] }
    #expect(found[0] == found[1] && found[2] == found[3] && found[4] == found[5] && found[6] == found[2])
    let definitions = Definitions(
      objects: objects, definitions: [.init(name: "h", text: "a + b"), .init(name: "n", text: "a_pt + 1")])
    try definitions.requireObjects(["h"])
    #expect(throws: DefinitionError.self) { try definitions.requireObjects(["h", "n"]) }
    #expect(
      failure(["it": "m(n)", "n": "x"], objects: objects)?.error.what == "n is a number where an object is needed")
    #expect(failure(["it": "a + b"], objects: objects)?.error.advice.contains("data.derived.objects") == true)
  }

  @Test func longChainsAreRefused() {
    let chain =
      (0..<200).map { Definitions.Definition(name: "d\($0)", text: "d\($0 + 1) + 1") } + [
        .init(name: "d200", text: "x")
      ]
    #expect(throws: DefinitionError.self) {
      try Definitions(objects: [], definitions: chain).program(for: [.init(name: "d0", text: "d0")])
    }
  }

  @Test func sharedPartsAreComputedOnce() throws {
    // Each needs the one before twice: 2^60 additions, if they were not shared.
    let chain =
      (1...60).map { Definitions.Definition(name: "d\($0)", text: "d\($0 - 1) + d\($0 - 1)") } + [
        .init(name: "d0", text: "x")
      ]
    let program = try Definitions(objects: [], definitions: chain).program(for: [.init(name: "it", text: "d60")])
    var (scratch, results) = (program.scratch(), [Double](repeating: 0, count: Program.blockSize))
    var span = results.mutableSpan
    program.run(0..<1, of: [1.0].span, stride: 1, scratch: &scratch, results: &span)
    #expect(results[0] == 0x1p60)
  }

  @Test func selectionsHaveTerms() throws {
    let text = "x > 1 and (x < 5 or x > 9) and not x == 3"
    #expect(try Definitions.terms(ofSelection: text) == ["x > 1", "(x < 5 or x > 9)", "not x == 3"])
    let found = try values([], ["x": [2, 3, 7]], selection: text)
    #expect(found == [[1, 1, 1], [1, 1, 0], [1, 0, 1]])
    #expect(throws: DefinitionError.self) { try values([], ["x": [2]], selection: "x + 1") }
  }

  @Test func missingIsCatching() throws {
    let nan = Double.nan
    let columns = ["x": [nan, 1, nan], "y": [1, nan, nan]]
    for text in [
      "x + y", "x * y", "min(x, y)", "max(y, x)", "where(x > 0, y, y)", "clip(x + y, 0, 1)", "sqrt(x * y)", "x < y",
      "x ** y", "pow(y, x)", "atan2(x, y)", "angle(x, y)", "max(0, x, y)", "clip(0, x, y)", "x - y", "x / y", "x != y",
    ] {
      #expect(try values([text], columns)[0].allSatisfy(\.isNaN), "\(text)")
    }
    // Of IEEE's power these are 1.
    for text in ["x ** 0", "x ** 0.0", "pow(x, 0 * 1)", "1 ** x"] {
      #expect(try values([text], columns)[0].map(\.isNaN) == [true, false, true], "\(text)")
    }
    for name in [
      "abs", "sqrt", "log", "log10", "log1p", "exp", "expm1", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh",
      "asinh",
      "floor", "-", "min",
    ] {
      #expect(try values(["\(name)(x)"], columns)[0].map(\.isNaN) == [true, false, true], "\(name)")
    }
    #expect(try values(["missing(x)"], columns)[0] == [1, 0, 1])
    // As in SQL: what is missing decides nothing that is decided without it.
    #expect(try values(["x > 0 and y < 0"], columns)[0][0] == 0)
    #expect(try values(["x > 0 or y > 0"], columns)[0][0] == 1)
    #expect(try values(["x > 0 and y > 0"], columns)[0][0].isNaN)
    #expect(try values(["not x > 0"], columns)[0][0].isNaN)
  }

  @Test func explanationsNameTheFirstFault() throws {
    let program = try Definitions(objects: [], definitions: [.init(name: "r", text: "a / b")], columns: ["a", "b"])
      .program(for: [.init(name: "it", text: "sqrt(r + 1) * 2"), .init(name: "that", text: "log(a - 5)")])
    #expect(
      program.explanation(program.fault(of: 0, columns: [3, 0]))
        == "division by zero in \"a / b\" (a = 3.0, b = 0.0)")
    #expect(
      program.explanation(program.fault(of: 1, columns: [3, 0]))
        == "the logarithm of -2.0 in \"log(a - 5)\" (a = 3.0)")
  }

  @Test func everyEventHasTheSameBitsInAnyBlock() throws {
    let texts = [
      "sin(x) * cosh(y)", "log1p(exp(x))", "x ** 0.3", "atan2(x, y)", "angle(x, y)", "asinh(x / y)", "tanh(x)",
      "log10(x)",
      "where(x > y, x, expm1(y))", "floor(x * 10)", "tan(x)", "abs(x - y)",
    ]
    let x = (0..<1000).map { 0.001 + Double($0) * 0.00317 }
    let y = x.map { 3 - $0 * 0.77 }
    let together = try values(texts, ["x": x, "y": y])
    for event in stride(from: 0, to: 1000, by: 37) {
      let alone = try values(texts, ["x": [x[event]], "y": [y[event]]])
      for output in texts.indices {
        #expect(together[output][event].bitPattern == alone[output][0].bitPattern, "\(texts[output])")
      }
    }
  }
}
