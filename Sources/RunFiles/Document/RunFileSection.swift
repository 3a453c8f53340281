import YAML

/// A section of a run file. It remembers which keys were read; the others are unknown.
final class RunFileSection {
  private let path: [String]
  private let node: YAMLNode?
  private let document: RunFileDocument
  private var known: [String] = []

  /// The section at `path`, empty without a `node`.
  init(path: [String], node: YAMLNode?, document: RunFileDocument) {
    self.path = path
    self.node = node
    self.document = document
  }

  /// The value of `key`, nil where it is absent.
  subscript(key: String) -> RunFileValue? {
    known.append(key)
    let value = node?.mapping?[key]
    document.note(key: path + [key], isThere: value != nil)
    return value.map { RunFileValue(node: $0, path: path + [key], document: document) }
  }

  /// Whether `key` is here, whatever its value.
  func has(_ key: String) -> Bool { node?.mapping?[key] != nil }

  /// The section under `key`, read by `read` even if it is absent, so that its defaults are in one place.
  func section<Contents>(_ key: String, _ read: (RunFileSection) -> Contents) -> Contents {
    if let contents = self[key]?.section(read) { return contents }
    let empty = RunFileSection(path: path + [key], node: nil, document: document)
    defer { empty.finish() }
    return read(empty)
  }

  /// `placeholder`, after noting that `key` is missing, if it is.
  func missing<Value>(_ key: String, example: String, _ placeholder: Value) -> Value {
    if node?.mapping?[key] == nil {
      report(key, "is missing; add '\(key): \(example)'")
    }
    return placeholder
  }

  /// Reports a problem with `key` if it is here, although it is not a key of this section.
  func refuse(_ key: String, _ message: @autoclosure () -> String) {
    guard node?.mapping?[key] != nil else { return }
    known.append(key)
    report(key, message())
  }

  /// Reports that the value of `key` is wrong or missing.
  func report(_ key: String, _ message: @autoclosure () -> String) {
    let value = node?.mapping?[key]
    document.report(
      "\((path + [key]).pathDescription) \(message())", at: value == nil ? path : path + [key], (value ?? node)?.mark)
  }

  /// To be called once all keys have been read.
  func finish() {
    document.note(known: known, in: path, unknown: node?.mapping?.entries.first { !known.contains($0.key) })
  }
}
