import Machine
import YAML

/// One value of a run file, and the path of keys that leads to it.
///
/// Every reader returns nil for a value that is not what it reads, after noting in the document what was found, what
/// is expected and where.
struct RunFileValue {
  /// The value as parsed.
  let node: YAMLNode
  /// The keys from the top, and `[i]` for places in lists.
  let path: [String]
  /// Where problems are noted.
  let document: RunFileDocument

  /// A whole number in `range`: digits, or a decimal number without a fraction such as 256.0 or 1e3.
  func integer<Number: FixedWidthInteger>(_ range: ClosedRange<Number>) -> Number? {
    func wrong() -> Number? { self.wrong("a whole number from \(range.lowerBound) to \(range.upperBound)") }
    guard let text = plainText, text.isNumber else { return wrong() }
    var number = Number(text)
    // From 2^53 up a decimal number may have been rounded.
    if number == nil, let decimal = Double(text), decimal.magnitude < 0x1p53 { number = Number(exactly: decimal) }
    guard let number, range.contains(number) else { return wrong() }
    return number
  }

  /// How many of something: 1 to 10⁹, so that sums and products of a few stay far from overflow.
  func count() -> Int? { integer(1...1_000_000_000) }

  /// A number in `interval`.
  func number(_ interval: Interval) -> Double? {
    guard let text = plainText, text.isNumber, let number = Double(text) else { return wrong("a number \(interval)") }
    // A Float, in which the training computes, holds less than a Double.
    guard Float(number).isFinite else { return wrong("a number that a Float can hold") }
    guard interval.contains(number) else { return wrong("a number \(interval)") }
    return number
  }

  /// true or false.
  func boolean() -> Bool? {
    switch plainText {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: wrong("true or false")
    }
  }

  /// A text: not empty, without line breaks and control characters. Plain numbers count as text.
  func text() -> String? {
    guard let text = scalar?.text, !isNull, !text.isEmpty, !text.unicodeScalars.contains(where: \.isInvisible) else {
      return wrong("a text of one line")
    }
    return text
  }

  /// A text that is not in `others` yet; adds it.
  func text(unlike others: inout Set<String>) -> String? {
    guard let text = text() else { return nil }
    if !others.insert(text).inserted {
      document.report(
        "\(path.pathDescription) repeats \(text.quoted); every one must be different", at: path, node.mark)
    }
    return text
  }

  /// A path that is not in `others` yet; adds it.
  func filePath(unlike others: inout Set<String>) -> String? {
    text(unlike: &others).flatMap { $0.hasPrefix("~") ? wrong("the path in full; '~' means nothing here") : $0 }
  }

  /// A path.
  func filePath() -> String? {
    var others = Set<String>()
    return filePath(unlike: &others)
  }

  /// One of the names of an enumeration.
  func choice<Choice: RawRepresentable<String> & CaseIterable>() -> Choice? {
    let names = Choice.allCases.map(\.rawValue)
    return scalar.flatMap { Choice(rawValue: $0.text) } ?? wrong(names.joined(separator: " or "), names: names)
  }

  /// A list, each element read by `read`; nil as well where an element is wrong.
  func list<Element>(orEmpty: Bool = false, _ read: (RunFileValue) -> Element?) -> [Element]? {
    guard let nodes = node.sequence, node.tag == nil, orEmpty || !nodes.isEmpty else {
      return wrong(orEmpty ? "a list such as [30, 30]" : "a list such as [a, b] with one element or more")
    }
    let elements = nodes.enumerated().compactMap { index, node in
      read(RunFileValue(node: node, path: path + ["[\(index)]"], document: document))
    }
    return elements.count == nodes.count ? elements : nil
  }

  /// One of `names`, or a section of one key out of `parameterised` whose value gives the parameters. `expected` shows
  /// the user both.
  func variant<Variant>(
    _ names: KeyValuePairs<String, Variant>, _ parameterised: KeyValuePairs<String, (RunFileValue) -> Variant?>,
    expected: String
  ) -> Variant? {
    if let name = scalar?.text, let match = names.first(where: { $0.key == name }) { return match.value }
    if let pair = onlyPair, let match = parameterised.first(where: { $0.key == pair.key }) {
      return match.value(RunFileValue(node: pair.value, path: path + [pair.key], document: document))
    }
    return wrong(expected, names: names.map(\.key) + parameterised.map(\.key))
  }

  /// A section, read by `read`; empty if nothing follows the key.
  func section<Contents>(_ read: (RunFileSection) -> Contents) -> Contents? {
    guard isNull || (node.mapping != nil && node.tag == nil) else { return wrong("a section of keys and values") }
    let section = RunFileSection(path: path, node: node, document: document)
    defer { section.finish() }
    return read(section)
  }

  /// A section whose keys are names that the user chooses, each entry read by `read`; nil as well where an entry is wrong. `example`
  /// shows the user one.
  func entries<Element>(_ example: String, _ read: (String, RunFileValue) -> Element?) -> [Element]? {
    guard let entries = node.mapping?.entries, node.tag == nil, !entries.isEmpty else {
      return wrong("names with values, such as \(example)")
    }
    let elements = entries.compactMap { entry -> Element? in
      let value = RunFileValue(node: entry.value, path: path + [entry.key], document: document)
      guard !entry.key.isEmpty, !entry.key.unicodeScalars.contains(where: \.isInvisible) else {
        return value.wrong("a name of one line to it")
      }
      return read(entry.key, value)
    }
    return elements.count == entries.count ? elements : nil
  }

  /// A list of two numbers, of which the first is the lower one as a float32 too.
  func limits() -> (lower: Double, upper: Double)? {
    guard let limits = list({ value in value.number(.any).map { (text: value.name ?? "", number: $0) } }) else {
      return nil
    }
    let expected = "two numbers, the lower one first"
    guard limits.count == 2 else { return wrong(count: limits.count, expected) }
    guard Float(limits[0].number) < Float(limits[1].number) else {
      document.report(
        "\(path.pathDescription) is [\(limits[0].text), \(limits[1].text)]; give \(expected)", at: path, node.mark)
      return nil
    }
    return (limits[0].number, limits[1].number)
  }

  /// Notes that the list has `count` elements and should have `expected`.
  func wrong<Result>(count: Int, _ expected: String) -> Result? {
    document.report("\(path.pathDescription) is a list of \(count); give \(expected)", at: path, node.mark)
    return nil
  }

  /// Reports that the value is not `expected`. `names` are words that it may misspell.
  func wrong<Result>(_ expected: @autoclosure () -> String, names: [String] = []) -> Result? {
    document.report("\(path.pathDescription) is \(found); give \(expected())\(hint(names))", at: path, node.mark)
    return nil
  }

  /// The one of `names` that the value misspells, in parentheses, or nothing.
  private func hint(_ names: [String]) -> String {
    let name = scalar?.text ?? onlyPair?.key
    let slip = name.flatMap { nearest(to: $0, in: names) }.flatMap { $0 == name ? nil : $0 }
    return slip.map { " (did you mean \($0.quoted)?)" } ?? ""
  }
}

extension RunFileValue {
  /// Whether nothing stands here, or YAML's null.
  var isNull: Bool { plainText.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false }

  /// Whether this was given as an override.
  var isOverride: Bool { document.isOverride(path) }

  /// The text that stands here, if it is one.
  var name: String? { scalar?.text }

  /// Whether this is NaN, as YAML, numpy and pandas write it.
  var isNaN: Bool { scalar.map { [".nan", "nan", "NaN", ".NaN", ".NAN"].contains($0.text) } ?? false }

  /// Whether this looks like a number.
  var isNumberLike: Bool { plainText?.isNumber ?? false }

  /// Whether this is a list.
  var isList: Bool { node.sequence != nil }

  /// Whether this is a section of keys and values.
  var isSection: Bool { node.mapping != nil }

  /// What stands here, for an error message.
  var found: String {
    switch node.content {
    case .scalar where isNull: "empty"
    case _ where node.tag.map { $0 != Self.textTag } ?? false: "tagged \((node.tag ?? "").quoted)"
    case .scalar(let text, _) where node.tag != nil: "the text \(text.quoted)"
    case .scalar(let text, isPlain: true): text.quoted
    case .scalar(let text, isPlain: false): "the quoted text \(text.quoted)"
    case .sequence(let nodes): nodes.isEmpty ? "an empty list" : "a list"
    case .mapping: "a section"
    }
  }

  /// A scalar without a tag, or tagged as a text.
  private var scalar: (text: String, isPlain: Bool)? {
    guard case .scalar(let text, let isPlain) = node.content, node.tag == nil || node.tag == Self.textTag else {
      return nil
    }
    return (text, isPlain)
  }

  /// The text of a scalar without quotes and tag: only that can be a number, a truth value or null.
  private var plainText: String? { scalar.flatMap { $0.isPlain ? $0.text : nil } }

  /// The key and value of a section of one.
  private var onlyPair: YAMLMapping.Entry? {
    guard let entries = node.mapping?.entries, entries.count == 1, node.tag == nil else { return nil }
    return entries.first
  }

  /// `!!str`
  private static let textTag = "tag:yaml.org,2002:str"
}

extension Collection<String> {
  /// Keys and places in lists as the user writes them: `data.processes[0].name`.
  var pathDescription: String {
    var path = ""
    for key in self { path += path.isEmpty || key.hasPrefix("[") ? key : ".\(key)" }
    return path
  }
}

extension String {
  /// Whether the text is a decimal number of YAML 1.2's core schema, except infinity and not-a-number.
  fileprivate var isNumber: Bool {
    utf8.contains { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      && utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
  }
}
