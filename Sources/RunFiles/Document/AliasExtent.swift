import Yams

/// How large a YAML text is with its aliases written out.
///
/// The parser puts in the place of an alias what it stands for. A few lines that do so over and over make lists that take
/// forever to look at, as the parser itself does where they are in a key, or that are nested deeper than the stack reaches.
struct AliasExtent {
  /// As many as the parser allows without aliases.
  static let mostLevels = 1000

  /// Bytes, or more than a run file may have.
  private(set) var size = 0
  /// Levels of lists and sections.
  private(set) var depth = 0

  /// Measures `yaml`; nothing if it has no alias.
  init(of yaml: String) throws {
    guard yaml.utf8.contains(UInt8(ascii: "&")), yaml.utf8.contains(UInt8(ascii: "*")) else { return }
    // The same text without aliases: where one was, or another star, a plus begins or continues a plain text.
    let plain = String(decoding: yaml.utf8.map { $0 == UInt8(ascii: "*") ? UInt8(ascii: "+") : $0 }, as: UTF8.self)
    let parser = try Parser(yaml: plain, resolver: .basic, constructor: .default, encoding: .utf8)
    guard let root = try parser.singleRoot() else { return }
    var anchors: [String: AliasExtent] = [:]
    // The parser keeps the anchors alive, its nodes do not.
    self = withExtendedLifetime(parser) { AliasExtent(of: root, &anchors) }
  }

  /// Whether it is no larger and no deeper.
  func isWithin(size: Int, depth: Int) -> Bool { self.size <= size && self.depth <= depth }

  /// Measures `node`, whose aliases stand for what `anchors` say so far; recurses as deep as the parser allows.
  private init(of node: Node, _ anchors: inout [String: AliasExtent]) {
    switch node {
    case .scalar(let scalar):
      size = scalar.string.utf8.count + 1
      if scalar.style == .plain, scalar.string.utf8.first == UInt8(ascii: "+"),
        let extent = anchors[String(scalar.string.dropFirst())]
      {
        self = extent
      }
    case .sequence(let nodes):
      for node in nodes { add(AliasExtent(of: node, &anchors)) }
    case .mapping(let pairs):
      for (key, value) in pairs {
        add(AliasExtent(of: key, &anchors))
        add(AliasExtent(of: value, &anchors))
      }
    case .alias: break
    }
    if let anchor = node.anchor { anchors[anchor.rawValue] = self }
  }

  private mutating func add(_ part: AliasExtent) {
    // Cannot overflow: each is at most the limit and a text.
    size = min(size + part.size + 1, RunFileText.largestSize + 1)
    depth = max(depth, part.depth + 1)
  }
}
