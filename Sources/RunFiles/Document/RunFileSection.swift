import Yams

/// A section of a run file. It remembers which keys its reader asked for; the others are unknown.
final class RunFileSection {
  private let path: [String]
  private let node: Node?
  private let document: RunFileDocument
  private var known: [String] = []

  /// The section at `path`, empty without a `node`.
  init(path: [String], node: Node?, document: RunFileDocument) {
    self.path = path
    self.node = node
    self.document = document
  }

  /// The value of `key`, nil where it is absent.
  subscript(key: String) -> RunFileValue? {
    known.append(key)
    let value = node?.mapping?.first { $0.key.scalar?.string == key }?.value
    return value.map { RunFileValue(node: $0, path: path + [key], document: document) }
  }

  /// The section under `key`, read by `read` even where it is absent, so that its defaults are said in one place.
  func section<Contents>(_ key: String, _ read: (RunFileSection) -> Contents) -> Contents {
    if let contents = self[key]?.section(read) { return contents }
    let empty = RunFileSection(path: path + [key], node: nil, document: document)
    defer { empty.finish() }
    return read(empty)
  }

  /// `placeholder`, after noting that `key` is missing, if it is.
  func missing<Value>(_ key: String, example: String, _ placeholder: Value) -> Value {
    if node?.mapping?.contains(where: { $0.key.scalar?.string == key }) != true {
      report(key, "is missing; add '\(key): \(example)'")
    }
    return placeholder
  }

  /// Notes that something is wrong with the value of `key`, or with that there is none.
  func report(_ key: String, _ message: String) {
    let value = node?.mapping?.first { $0.key.scalar?.string == key }?.value
    document.report(
      "\((path + [key]).pathDescription) \(message)", at: value == nil ? path : path + [key], value ?? node)
  }

  /// To be called once all keys have been asked for.
  func finish() {
    let unknown = (node?.mapping.map(Array.init) ?? []).filter { key, _ in
      key.scalar.map { !known.contains($0.string) } ?? true
    }
    document.note(
      known: known.map { path + [$0] },
      unknown: unknown.map { key, _ in (path + [key.scalar?.string ?? "? …"], key) })
  }
}
