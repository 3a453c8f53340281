import Machine
import YAML

/// The YAML tree of a run file with the overrides merged in, and the problems found so far.
///
/// Reading never stops at the first problem: `firstError` is what the user should see first. So decoding needs no
/// `try`, and a mistyped key is named rather than what its absence led to.
final class RunFileDocument {
  /// The name of the run file, for error messages.
  let name: String
  /// The top of the tree, always a mapping.
  private(set) var root: YAMLNode
  private let overrides: [Override]
  /// The first of either kind: a file of megabytes can have a million of them.
  private var problem: RunFileError?
  private var unknownKey: UnknownKey?
  /// All keys that were read, each name once with its first path, and those names.
  private var knownKeys: [(name: String, path: [String])] = []
  private var knownNames: Set<String> = []
  /// The keys outside of lists that were read, and those of them that are not in the file, in the order of reading.
  private(set) var keysOutsideLists: [[String]] = []
  private var absentKeys: [[String]] = []

  /// The maximum nesting of keys in an override: more than any key has, few enough to recurse.
  private static let mostLevels = 10

  /// `--section.key=value`
  private struct Override {
    let path: [String]
    let text: String
  }

  private struct UnknownKey {
    let name: String
    let section: [String]
    /// The keys that the section may have.
    let siblings: [String]
    let place: String
  }

  /// Parses `yaml` and applies the overrides in order.
  init(
    yaml: String, named name: String, overrides: [(key: String, value: String)]
  ) throws(RunFileError) {
    self.name = name
    self.overrides = overrides.map { key, value in
      // By its bytes: a character can be as long as the key.
      let path = key.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map {
        String(Substring($0))
      }
      return Override(path: path, text: "--\(key)=\(value)".abridged(to: 200))
    }
    guard let root = try Self.parse(yaml, of: .file(name)) else {
      throw RunFileError("\(name):1:1", "the file is empty; see data/hh-bbww.yaml for what a run file has")
    }
    self.root = root
    Self.expandNames(in: &self.root)
    guard root.mapping != nil, root.tag == nil else {
      let found = RunFileValue(node: root, path: [], document: self).found
      throw RunFileError(
        place(of: [], root.mark), "the file is \(found); a run file has keys with values, such as 'name: my-run'")
    }
    for (override, (key, value)) in zip(self.overrides, overrides) {
      guard override.path.count <= Self.mostLevels else {
        throw RunFileError(override.text, "there is no key below so many others; check the name")
      }
      try RunFileText.check(key: key, value: value, of: override.text)
      let node = try Self.parse(value, of: .override(override.text)) ?? .empty
      try Self.put(node, in: &self.root, by: override, from: 0)
      Self.expandNames(in: &self.root)
    }
  }

  /// Whether the value at `path` was given as an override.
  func isOverride(_ path: [String]) -> Bool { override(of: path) != nil }

  /// The last override at or above `path`: it covers what earlier ones wrote there.
  private func override(of path: [String]) -> Override? { overrides.last { path.starts(with: $0.path) } }

  /// Where the value at `path` was written.
  private func place(of path: [String], _ mark: YAMLMark?) -> String {
    if let override = override(of: path) { return override.text }
    if let mark { return "\(name):\(mark)" }
    // A section that is not in the file is there because of an override below it.
    return overrides.last { $0.path.starts(with: path) }?.text ?? "\(name):\(root.mark ?? .start)"
  }

  /// Records that a key was read, and whether the file has it.
  func note(key path: [String], isThere: Bool) {
    // Of lists there may be many.
    guard !path.contains(where: { $0.hasPrefix("[") }) else { return }
    keysOutsideLists.append(path)
    if !isThere { absentKeys.append(path) }
  }

  /// The keys that the file leaves out, such as `network.hidden`; a section that it leaves out counts as one key.
  var defaults: [String] {
    absentKeys.filter { path in
      !path.indices.contains { $0 > 0 && absentKeys.contains(Array(path.prefix($0))) }
    }.map(\.pathDescription)
  }

  /// Notes that the value at `path`, which stands at `mark`, is wrong. The message is made only for the first problem.
  func report(_ message: @autoclosure () -> String, at path: [String], _ mark: YAMLMark?) {
    if problem == nil { problem = RunFileError(place(of: path, mark), message()) }
  }

  /// Notes the keys that the section at `path` may have, and the first key in it that it may not.
  func note(known keys: [String], in path: [String], unknown entry: YAMLMapping.Entry?) {
    for key in keys where knownNames.insert(key).inserted { knownKeys.append((key, path + [key])) }
    if unknownKey == nil, let entry {
      let place = place(of: path + [entry.key], entry.mark)
      unknownKey = UnknownKey(name: entry.key, section: path, siblings: keys, place: place)
    }
  }

  /// What the user should hear about first: unknown keys, as other problems may follow from them, then the rest in
  /// the order of reading.
  var firstError: RunFileError? {
    guard let unknown = unknownKey else { return problem }
    let advice =
      if let near = nearest(to: unknown.name, in: unknown.siblings.filter(Self.hasSlips)) {
        "did you mean \(near.quoted)?"
      } else if let name = nearest(to: unknown.name, in: knownKeys.map(\.name).filter(Self.hasSlips)),
        let elsewhere = knownKeys.first(where: { $0.name == name })
      {
        "did you mean \(elsewhere.path.pathDescription.quoted)?"
      } else {
        "known here: \(unknown.siblings.joined(separator: ", "))" + (Self.hints[unknown.section] ?? "")
      }
    let place = unknown.section.isEmpty ? "" : " in \(unknown.section.pathDescription)"
    return RunFileError(unknown.place, "unknown key \(unknown.name.quoted)\(place); \(advice)")
  }

  /// For sections in which users expect to define names: where those belong.
  private static let hints = [["data", "derived"]: "; define derived features in data.derived.features"]

  /// Whether this name is long enough to suggest: with two letters (`l2`) it is similar to too many words (`lr`).
  private static func hasSlips(_ name: String) -> Bool { name.utf8.count > 2 }

  /// The sections for which their `name` may stand: `optimizer: adam`.
  private static let namedSections = [["training", "optimizer"]]

  /// Puts a section in the place of every name that stands for one, so that an override of a key in it keeps the name.
  private static func expandNames(in root: inout YAMLNode) {
    for path in namedSections { expandName(in: &root, at: path[...]) }
  }

  private static func expandName(in node: inout YAMLNode, at path: ArraySlice<String>) {
    if let key = path.first {
      guard node.mapping?[key] != nil else { return }
      node.updateMapping { section in
        section.updateValue(of: key) { expandName(in: &$0, at: path.dropFirst()) }
      }
    } else if case .scalar(let text, _) = node.content, !["", "~", "null", "Null", "NULL"].contains(text) {
      let name = node
      node.updateMapping { section in section.updateValue(of: "name") { $0 = name } }
    }
  }

  /// Puts `value` at the override's path, of which the first `depth` keys lead to `node`. A plain value where a section
  /// is needed gives way to a section.
  private static func put(
    _ value: YAMLNode, in node: inout YAMLNode, by override: Override, from depth: Int
  ) throws(RunFileError) {
    guard depth < override.path.count else { return node = value }
    if node.sequence != nil {
      let list = override.path.prefix(depth).pathDescription
      throw RunFileError(override.text, "\(list) is a list; override it as a whole: '--\(list)=[…]'")
    }
    try node.updateMapping { section throws(RunFileError) in
      try section.updateValue(of: override.path[depth]) { inner throws(RunFileError) in
        try put(value, in: &inner, by: override, from: depth + 1)
      }
    }
  }
}
