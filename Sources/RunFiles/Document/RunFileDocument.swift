import Machine
import Yams

/// The YAML tree of a run file with the overrides merged in, and what was found wrong in it so far.
///
/// Reading never stops at the first problem: `firstError` is what the user should see first. So decoding needs no
/// `try`, and a mistyped key is named rather than what its absence led to.
final class RunFileDocument {
  /// The name of the run file, for error messages.
  let name: String
  /// The top of the tree, always a mapping.
  private(set) var root: Node
  private let overrides: [Override]
  /// The first of either kind: a file of megabytes can have a million of them.
  private var problem: RunFileError?
  private var unknownKey: UnknownKey?
  private var knownKeys: [[String]] = []

  /// Of keys below each other in an override: more than any key has, few enough to recurse.
  private static let mostLevels = 10

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
      try RunFileText.check(value, of: override.text)
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
  func report(_ message: String, at path: [String], _ node: Node?) {
    if problem == nil { problem = RunFileError(place(of: path, node), message) }
  }

  /// Notes all keys that a section may have, and those in it that it may not.
  func note(known: [[String]], unknown: [(path: [String], key: Node)]) {
    knownKeys += known
    if unknownKey == nil, let (path, key) = unknown.first {
      unknownKey = UnknownKey(path: path, place: place(of: path, key))
    }
  }

  /// What the user should hear about first: unknown keys, as other problems may follow from them, then the rest in
  /// the order of reading.
  var firstError: RunFileError? {
    guard let unknown = unknownKey, let key = unknown.path.last else { return problem }
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
