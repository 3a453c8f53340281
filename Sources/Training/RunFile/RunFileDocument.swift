import Yams

/// The YAML tree of a run file with the overrides merged in, and what was found wrong in it so far.
///
/// Reading never stops at the first problem: each is noted, and `firstError` picks the one that the user should see
/// first. So decoding needs no `try`, and a mistyped key is named rather than what its absence led to.
final class RunFileDocument {
  /// The name of the run file, for error messages.
  let name: String
  /// The top of the tree, always a mapping.
  private(set) var root: Node
  /// Of keys below each other in an override: more than any key has, few enough to recurse.
  private static let mostLevels = 10
  private let overrides: [Override]
  private var problems: [RunFileError] = []
  private var unknownKeys: [UnknownKey] = []
  private var knownKeys: [[String]] = []

  /// `--section.key=value`
  private struct Override {
    let path: [String]
    let text: String
  }

  private struct UnknownKey {
    let path: [String]
    let place: String
  }

  /// Parses `yaml` and puts every override, in order, in the place of what it overrides.
  init(
    yaml: String, named name: String, overrides: [(key: String, value: String)]
  ) throws(RunFileError) {
    self.name = name
    self.overrides = overrides.map { key, value in
      let path = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      return Override(path: path, text: "--\(key)=\(value)")
    }
    guard let root = try Self.parse(yaml, of: .file(name)) else {
      throw RunFileError("\(name):1:1", "the file is empty; see data/hh-bbww.yaml for what a run file has")
    }
    self.root = root
    guard case .mapping = root else {
      let found = RunFileValue(node: root, path: [], document: self).found
      throw RunFileError(
        place(of: [], root), "the file is \(found); a run file has keys with values, such as 'name: my-run'")
    }
    for (override, value) in zip(self.overrides, overrides.map(\.value)) {
      guard override.path.count <= Self.mostLevels else {
        throw RunFileError(override.text, "there is no key below so many others; check the name")
      }
      let node = try Self.parse(value, of: .override(override.text)) ?? Node("", .implicit, .plain)
      self.root = try Self.setting(override, from: 0, of: self.root, to: node)
    }
  }

  /// Whether the value at `path` was given as an override.
  func isOverride(_ path: [String]) -> Bool { override(of: path) != nil }

  /// The last override at or above `path`: it covers what earlier ones wrote there.
  private func override(of path: [String]) -> Override? { overrides.last { path.starts(with: $0.path) } }

  /// Where the value at `path` was written.
  private func place(of path: [String], _ node: Node?) -> String {
    if let override = override(of: path) { return override.text }
    if let mark = node?.mark { return "\(name):\(mark)" }
    // A section that is not in the file is there because of an override below it.
    return overrides.last { $0.path.starts(with: path) }?.text ?? "\(name):\(root.mark?.description ?? "1:1")"
  }

  /// Notes that the value at `path` is wrong.
  func report(_ path: [String], _ node: Node?, _ message: String) {
    problems.append(RunFileError(place(of: path, node), message))
  }

  /// Notes all keys that a section may have, and those in it that it may not.
  func note(known: [[String]], unknown: [(path: [String], key: Node)]) {
    knownKeys += known
    unknownKeys += unknown.map { UnknownKey(path: $0.path, place: place(of: $0.path, $0.key)) }
  }

  /// What the user should hear about first: unknown keys, as other problems may follow from them, then the rest in
  /// the order of reading.
  var firstError: RunFileError? {
    guard let unknown = unknownKeys.first, let key = unknown.path.last else { return problems.first }
    let section = unknown.path.dropLast()
    let siblings = knownKeys.filter { $0.dropLast() == section }.compactMap(\.last)
    let advice =
      if let near = nearest(to: key, in: siblings) {
        "did you mean \(near.quoted)?"
      } else if let name = nearest(to: key, in: knownKeys.compactMap(\.last)),
        let elsewhere = knownKeys.first(where: { $0.last == name })
      {
        "did you mean \(elsewhere.pathDescription.quoted)?"
      } else {
        "known here: \(siblings.joined(separator: ", "))"
      }
    let place = section.isEmpty ? "" : " in \(section.pathDescription)"
    return RunFileError(unknown.place, "unknown key \(key.quoted)\(place); \(advice)")
  }

  /// `node` with `value` at the override's path, of which the first `depth` keys lead to `node`. A plain value where
  /// a section is needed gives way to a section.
  private static func setting(
    _ override: Override, from depth: Int, of node: Node?, to value: Node
  ) throws(RunFileError) -> Node {
    guard depth < override.path.count else { return value }
    if node?.sequence != nil {
      let list = override.path.prefix(depth).pathDescription
      throw RunFileError(override.text, "\(list) is a list; override it as a whole: '--\(list)=[…]'")
    }
    let key = override.path[depth]
    var pairs = node?.mapping?.map { ($0.key, $0.value) } ?? []
    let index = pairs.firstIndex { $0.0.scalar?.string == key }
    let inner = try setting(override, from: depth + 1, of: index.map { pairs[$0].1 }, to: value)
    if let index {
      pairs[index].1 = inner
    } else {
      pairs.append((Node(key, .implicit, .plain), inner))
    }
    return .mapping(.init(pairs, .implicit, .any, node?.mapping?.mark))
  }
}

extension RunFileDocument {
  /// Where a YAML text comes from.
  private enum Source {
    case file(String)
    case override(String)

    /// The place of `mark` for an error. An override is short enough to do without.
    func place(_ mark: Mark?) -> String {
      switch self {
      case .file(let name): "\(name):\(mark?.description ?? "1:1")"
      case .override(let text): text
      }
    }

    /// The line of `mark` in brackets.
    func line(_ mark: Mark) -> String {
      switch self {
      case .file: " (from line \(mark.line))"
      case .override: ""
      }
    }
  }

  /// The tree of `yaml`, or nil where it holds nothing.
  private static func parse(_ yaml: String, of source: Source) throws(RunFileError) -> Node? {
    do {
      // Without rules of its own the parser leaves every plain value a text, and our readers decide: its rules are
      // YAML 1.1, where `no` is false and 1:30 is ninety.
      return try Yams.compose(yaml: yaml, .basic, .default, .utf8)
    } catch let error as YamlError {
      switch error {
      case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
        .composer(let context, let problem, let mark, _):
        let start = context.map { "\($0.text)\(source.line($0.mark)), " } ?? ""
        throw RunFileError(source.place(mark), message(problem, start))
      case .duplicatedKeysInMapping(let keys, let context):
        let key = (keys.min() ?? "").quoted
        throw RunFileError(
          source.place(context.mark), "the key \(key) occurs more than once in this section, here first; keep one")
      default:
        throw RunFileError(source.place(nil), "the YAML cannot be parsed: \(error)")
      }
    } catch {
      throw RunFileError(source.place(nil), "the YAML cannot be parsed: \(error)")
    }
  }

  /// What the parser says, with advice. `start` says what it was doing.
  private static func message(_ problem: String, _ start: String) -> String {
    if problem.hasPrefix("Maximum nesting level") { return "nested too deeply; a run file needs six levels" }
    let advice =
      switch problem {
      case "found character that cannot start any token": "put the text in quotes, and indent with spaces, not tabs"
      case "but found another document": "keep one, without lines of three dashes"
      case "found undefined alias": "write the anchor above it, or put a text that starts with * in quotes"
      default: "check indentation, colons, brackets and quotes"
      }
    return "\(start)\(problem); \(advice)"
  }
}
