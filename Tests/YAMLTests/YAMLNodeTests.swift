import Testing
import YAML

/// What the reader makes of a text, written so that a difference is easy to see.
func outline(_ node: YAMLNode?) -> String {
  guard let node else { return "nothing" }
  let tag = node.tag.map { "!<\($0)>" } ?? ""
  let mark = node.mark.map { "@\($0)" } ?? ""
  return switch node.content {
  case .scalar(let text, isPlain: true): "\(tag)\(text)\(mark)"
  case .scalar(let text, isPlain: false): "\(tag)\(text.debugDescription)\(mark)"
  case .sequence(let nodes): "\(tag)[\(nodes.map(outline).joined(separator: ", "))]\(mark)"
  case .mapping(let mapping):
    "\(tag){\(mapping.entries.map { "\($0.key.debugDescription): \(outline($0.value))" }.joined(separator: ", "))}\(mark)"
  }
}

@Suite struct YAMLNodeTests {
  static let valid: [(yaml: String, outline: String)] = [
    ("", "nothing"),
    (" \n# c\n  # d", "nothing"),
    ("a", "a@1:1"),
    ("  a  # c", "a@1:3"),
    ("---", "@2:1"),
    ("--- a\n...\n...  # c\n\n", "a@1:5"),
    ("# c\r\n\r\na: 1\r\nb:\r\n- 2\r\n", "{\"a\": 1@3:4, \"b\": [2@5:3]@5:1}@3:1"),
    ("a:\rb: 1\u{2028}c: 2", "{\"a\": @1:3, \"b\": 1@2:4, \"c\": 2@3:4}@1:1"),
    ("é: ü\n日本: [本, b]", "{\"é\": ü@1:4, \"日本\": [本@2:6, b@2:9]@2:5}@1:1"),
    (
      "[a, 'a', \"a\", !!str a, ! a]",
      "[a@1:2, \"a\"@1:5, \"a\"@1:10, !<tag:yaml.org,2002:str>\"a\"@1:15, \"a\"@1:24]@1:1"
    ),
    ("[!!int 5, !x {}, !<y> []]", "[!<tag:yaml.org,2002:int>\"5\"@1:2, !<!x>{}@1:11, !<y>[]@1:18]@1:1"),
    ("[!!seq [], !!map {}, !!seq {}, ! []]", "[[]@1:2, {}@1:12, !<tag:yaml.org,2002:seq>{}@1:22, []@1:32]@1:1"),
    ("{a, b: , c: ~, ? d}", "{\"a\": @1:3, \"b\": @1:8, \"c\": ~@1:13, \"d\": @1:19}@1:1"),
    ("[a: b, c]", "[{\"a\": b@1:5}@1:2, c@1:8]@1:1"),
    ("- |\n  x\n  y\n- >-\n  x\n  y\n", "[\"x\\ny\\n\"@1:3, \"x y\"@4:3]@1:1"),
    ("'it''s'", #""it\'s"@1:1"#),
    ("\"\\0\\t\\u00e9\\U0001F600\\x41\\\n  b\"", "\"\\0\\té😀Ab\"@1:1"),
    ("\"a\n%b\n\"", "\"a %b \"@1:1"),
    ("a: b\n  %c", "{\"a\": b %c@1:4}@1:1"),
    ("<<: 1\nno: 2\n1: 3\n\"1 \": 4", "{\"<<\": 1@1:5, \"no\": 2@2:5, \"1\": 3@3:4, \"1 \": 4@4:7}@1:1"),
    // Not the same bytes.
    ("\u{E9}: 1\ne\u{301}: 2", "{\"\u{E9}\": 1@1:4, \"e\u{301}\": 2@2:5}@1:1"),
  ]

  @Test(arguments: valid) func `texts, lists and sections have their contents, tags and places`(
    _ yaml: String, _ expected: String
  ) throws {
    let found = try outline(YAMLNode.parse(yaml))
    #expect(found == expected)
  }

  static let wrong: [(yaml: String, problem: YAMLError.Problem, mark: String)] = [
    ("%YAML 1.1\n--- a", .directive, "1:1"),
    ("\n # c\n%FOO", .directive, "3:1"),
    ("a\n...\n# c\n%YAML 1.1\n--- b", .directive, "4:1"),
    ("---\n%YAML 1.1", .directive, "2:1"),
    ("a: &b c", .anchor("b"), "1:4"),
    ("- &b\n  - c", .anchor("b"), "1:3"),
    ("{&b a: 1}", .anchor("b"), "1:2"),
    ("a: *b", .alias("b"), "1:4"),
    ("{*b : 1}", .alias("b"), "1:2"),
    ("a: !x &b c", .anchor("b"), "1:4"),
    ("--- a\n--- b", .anotherDocument, "2:1"),
    ("a: 1\n---\n", .anotherDocument, "2:1"),
    ("a\n...\n\nb", .anotherDocument, "4:1"),
    ("'a' b", .trailingText, "1:5"),
    ("{a: 1}\n}", .trailingText, "2:1"),
    ("[a: b, {c, d, c}]", .duplicateKey("c", first: mark("[a: b, {")), "1:15"),
    ("a: 1\nb: 2\n'a': 3", .duplicateKey("a", first: .start), "3:1"),
    ("{a: 1, ? [b] : 2}", .keyIsNoText, "1:10"),
    ("? a: b\n: c", .keyIsNoText, "1:3"),
    ("!!int 5: 1", .taggedKey("tag:yaml.org,2002:int"), "1:1"),
    (
      "[a\n",
      .syntax("did not find expected ',' or ']'", YAMLError.Activity("while parsing a flow sequence", from: .start)),
      "2:1"
    ),
    (
      "\"\\q\"",
      .syntax("found unknown escape character", YAMLError.Activity("while parsing a quoted scalar", from: .start)),
      "1:2"
    ),
    ("- a: b: c", .syntax("mapping values are not allowed in this context", nil), "1:7"),
    (String(repeating: "[", count: 65), .tooDeep, "1:65"),
    (String(repeating: "a: [", count: 65), .tooDeep, "1:129"),
    (String(repeating: "- ", count: 65), .tooDeep, "1:129"),
    ("- e" + String(repeating: "\u{301}", count: 31), .tooManyMarks, "1:3"),
    ("{ \"e\(String(repeating: "\\u0301", count: 31))\": 1}", .tooManyMarks, "1:3"),
    ("- !\(String(repeating: "%CC%81", count: 31)) a", .tooManyMarks, "1:3"),
  ]

  /// The place behind `text`.
  static func mark(_ text: String) -> YAMLMark { YAMLMark(endOf: text.unicodeScalars[...]) }

  @Test(arguments: wrong) func `what is refused has its reason and place`(
    _ yaml: String, _ problem: YAMLError.Problem, _ mark: String
  ) {
    let error = #expect(throws: YAMLError.self) { try YAMLNode.parse(yaml) }
    #expect(error?.problem == problem)
    #expect(error?.mark.description == mark)
  }

  @Test func `as deep and as accented as allowed`() throws {
    let yaml = String(repeating: "[", count: 64) + "e" + String(repeating: "\u{301}", count: 30)
    #expect(try YAMLNode.parse(yaml + String(repeating: "]", count: 64)) != nil)
  }

  @Test func `marks are counted as the parser counts them`() throws {
    // What stands at the end has the same place for the parser, and for whoever counts.
    for start in ["", "a: 1\n", "é: \r\n\n\r\u{85}\u{2028}\u{2029}", "# 日本\r\r\n  #\n", "a: '\n\n b'\r\n"] {
      let yaml = start + "z: *x"
      let error = #expect(throws: YAMLError.self) { try YAMLNode.parse(yaml) }
      #expect(error?.mark == Self.mark(start + "z: "), "\(start.debugDescription)")
    }
  }
}
