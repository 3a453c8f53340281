import Testing
import YAML

@Suite struct YAMLMappingTests {
  @Test func `values are found by the bytes of their keys`() throws {
    let mapping = try #require(try YAMLNode.parse("a: 1\n\u{E9}: 2")?.mapping)
    #expect(outline(mapping["a"]) == "1@1:4" && outline(mapping["\u{E9}"]) == "2@2:4")
    #expect(mapping["e\u{301}"] == nil && mapping[""] == nil && YAMLMapping()["a"] == nil)
  }

  @Test func `values are changed in place and added at the end`() throws {
    var node = try #require(try YAMLNode.parse("a: {b: 1, c: 2}\nd: 3"))
    func put(_ key: String, _ inner: String, _ value: YAMLNode) {
      node.updateMapping { $0.updateValue(of: key) { $0.updateMapping { $0.updateValue(of: inner) { $0 = value } } } }
    }
    let new = try #require(try YAMLNode.parse("x"))
    put("a", "b", new)
    put("a", "e", new)
    // A plain value gives way to a section, without the tag and place that it had.
    put("d", "f", new)
    put("g", "h", .empty)
    #expect(
      outline(node)
        == #"{"a": {"b": x@1:1, "c": 2@1:14, "e": x@1:1}@1:4, "d": {"f": x@1:1}, "g": {"h": }}@1:1"#)
  }

  @Test func `a change that fails leaves the section as it was`() throws {
    struct Stop: Error {}
    var node = try #require(try YAMLNode.parse("a: 1"))
    #expect(throws: Stop.self) { try node.updateMapping { _ throws(Stop) in throw Stop() } }
    #expect(outline(node) == #"{"a": 1@1:4}@1:1"#)
  }
}
