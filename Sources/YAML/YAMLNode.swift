/// A value of a YAML text.
public struct YAMLNode: Sendable {
  public enum Content: Sendable {
    /// A text. Whether it is a number, true, false or null is for the reader to decide; it can be one only where it is
    /// plain: without quotes and without a tag.
    case scalar(String, isPlain: Bool)
    /// A list.
    case sequence([YAMLNode])
    /// A section of keys and values.
    case mapping(YAMLMapping)
  }

  public internal(set) var content: Content
  /// The tag in full (`tag:yaml.org,2002:int` for `!!int`), if it has one. None for `!`, and for `!!seq` and `!!map`
  /// where they are true.
  public internal(set) var tag: String?
  /// Where the value begins; nil for one that is in no text.
  public internal(set) var mark: YAMLMark?

  /// An empty plain scalar in no text: YAML's null.
  public static var empty: YAMLNode { YAMLNode(content: .scalar("", isPlain: true)) }

  /// The elements of a list.
  public var sequence: [YAMLNode]? { if case .sequence(let nodes) = content { nodes } else { nil } }

  /// The keys and values of a section.
  public var mapping: YAMLMapping? { if case .mapping(let mapping) = content { mapping } else { nil } }

  /// Changes the section by `update`. Any other value gives way to an empty section first.
  public mutating func updateMapping<Failure: Error>(
    _ update: (inout YAMLMapping) throws(Failure) -> Void
  ) throws(Failure) {
    var mapping = self.mapping ?? YAMLMapping()
    if self.mapping == nil { self = .empty }
    // The local copy is then the only one, and is changed in place.
    content = .mapping(YAMLMapping())
    defer { content = .mapping(mapping) }
    try update(&mapping)
  }
}
