import Expressions
import Testing

@Suite struct ParserTests {
  @Test(arguments: [
    ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("2 ** 3 ** 2", 512), ("-2 ** 2", -4), ("2 ** -1", 0.5), ("8 / 4 / 2", 1),
    ("7 - 2 - 1", 4), ("- - 3", 3), ("+4", 4), ("1e3 + .5", 1000.5), ("1.5E-1", 0.15), ("3 * -2", -6),
  ])
  func arithmeticHasTheOrderOfPython(_ text: String, _ expected: Double) throws {
    #expect(try value(text) == expected)
  }

  @Test(arguments: [
    ("x > 3", 4.0, 1.0), ("x > 3", 3, 0), ("x >= 3", 3, 1), ("x < 3 or x > 5", 6, 1), ("x < 3 || x > 5", 4, 0),
    ("not x == 4", 4, 0), ("!(x == 4) && x > 0", 5, 1), ("3 < x <= 5", 5, 1), ("3 < x <= 5", 6, 0), ("x != 4", 4, 0),
    ("1 < 2 and 2 < 1 or 3 > 2", 0, 1), ("not x > 3 and x > 1", 2, 1), ("(x > 3) + (x > 5)", 6, 2),
  ])
  func conditionsAreTrueOrFalse(_ text: String, _ x: Double, _ expected: Double) throws {
    #expect(try value(text, ["x": x]) == expected)
  }

  @Test func namesMayBeAnything() throws {
    #expect(try value("`jet pt (GeV)` + lep.pt + _a1", ["jet pt (GeV)": 1, "lep.pt": 2, "_a1": 4]) == 7)
    #expect(try value("`and` + 1", ["and": 1]) == 2)
    #expect(Definitions.spelled("lep_pt") == "lep_pt")
    #expect(Definitions.spelled("jet pt") == "`jet pt`")
    #expect(Definitions.spelled("not") == "`not`")
    for name in ["a`b", "`", "``", "`a", "a` + `b"] {
      #expect(try value("2 * \(Definitions.spelled(name)) + 1", [name: 3]) == 7, "\(name)")
    }
    #expect(Definitions.spelled("a`b") == "`a``b`")
  }

  @Test(arguments: [
    ("", "character 1: the expression is empty"),
    ("lep_pt >", "character 9: the expression ends where a value is needed"),
    ("lep_pt >> 3", "character 9: '>' where a value is needed"),
    ("lep_pt 3", "character 8: no operator before this value"),
    ("(lep_pt", "character 1: a bracket is not closed"), ("lep_pt)", "character 7: an unmatched ')'"),
    ("sqrt(lep_pt", "character 1: the brackets of 'sqrt' are not closed"),
    ("lep_pt = 3", "character 8: unexpected '='; write =="),
    ("x & x", "unexpected '&'; write 'and'"), ("x ^ 2", "write ** for a power"),
    ("1.2.3", "'1.2.3' is not a valid number"),
    ("2x", "'2x' is not a valid number"), ("`x", "an unclosed backtick"), ("x > 'a'", "without quotation marks"),
    ("3,5 * x", "character 2: a comma outside"), ("1e999", "too large for a double"),
    ("sqrtt(x)", "there is no function sqrtt; did you mean sqrt?"),
    ("sqrt(x, x)", "sqrt has 2 arguments; give it one"),
    ("x and x > 3", "character 1: a number where a condition"),
    ("where(x, 1, 2)", "a number where a condition is needed"), ("x / 0", "character 1: division by zero"),
    ("log(-3)", "the logarithm of -3"), ("sqrt(1 - 2)", "the square root of -1"),
    ("x + 1e300 * 1e300", "beyond the range of a double"),
    ("and x", "'and' where a value is needed"),
  ])
  func errorsHaveTheirPlace(_ text: String, _ expected: String) {
    #expect(error(text).contains(expected), "\(error(text))")
  }

  @Test func anErrorIsOneLine() throws {
    let failure = #expect(throws: DefinitionError.self) {
      try Definitions(objects: [], definitions: []).program(for: [.init(name: "it", text: "x\n> ")])
    }
    #expect(
      "\(try #require(failure).error)"
        == "character 5 of \"x\\n> \": the expression ends where a value is needed; complete it, or remove the operator before it"
    )
  }

  @Test func depthAndLengthAreBounded() {
    #expect(error(String(repeating: "(", count: 100_000)).contains("more than 2000 words"))
    #expect(error(String(repeating: "(", count: 500) + "x").contains("more than 100 levels"))
    #expect(error(String(repeating: "-", count: 500) + "x").contains("more than 100 levels"))
    #expect(error(String(repeating: "not ", count: 500) + "x > 1").contains("more than 100 levels"))
    #expect(error((0..<900).map { _ in "x" }.joined(separator: " + ")) == "")
  }
}
