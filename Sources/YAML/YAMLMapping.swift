/// A section of a YAML text: keys, each once, and their values, in the order of the text.
public struct YAMLMapping: Sendable {
  public struct Entry: Sendable {
    public let key: String
    /// Where the key begins; nil for one that is in no text.
    public let mark: YAMLMark?
    public internal(set) var value: YAMLNode
  }

  public private(set) var entries: [Entry] = []
  private var places: [ByteString: Int] = [:]

  /// A section without keys.
  public init() {}

  /// The value of `key`. Takes the same time in a section of any size.
  public subscript(key: String) -> YAMLNode? { place(of: key).map { entries[$0].value } }

  /// Changes the value of `key` by `update`; a key that is missing is added with an empty value first. Takes the same
  /// time in a section of any size.
  public mutating func updateValue<Failure: Error>(
    of key: String, _ update: (inout YAMLNode) throws(Failure) -> Void
  ) throws(Failure) {
    let place = self.place(of: key) ?? append(Entry(key: key, mark: nil, value: .empty))
    try update(&entries[place].value)
  }

  func place(of key: String) -> Int? { places.isEmpty ? nil : places[ByteString(key)] }

  /// Adds `entry`, whose key is not there yet, and returns its place.
  @discardableResult
  mutating func append(_ entry: Entry) -> Int {
    places[ByteString(entry.key)] = entries.count
    entries.append(entry)
    return entries.count - 1
  }
}

/// A text that is equal to another one if all bytes are. Two equal strings may differ in how they write an accent; and to
/// find that out for a megabyte of accents takes long.
private struct ByteString: Hashable {
  private let text: String

  init(_ text: String) { self.text = text }

  static func == (a: ByteString, b: ByteString) -> Bool {
    a.text.utf8.count == b.text.utf8.count && a.text.utf8.elementsEqual(b.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
