/// A step of the parser through a text.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar(String, isPlain: Bool)
    case sequenceStart, sequenceEnd
    case mappingStart, mappingEnd
    case alias(String)
  }

  let kind: Kind
  /// The tag in full.
  var tag: String?
  var anchor: String?
  /// Where the event begins and ends.
  let start, end: YAMLMark
}
