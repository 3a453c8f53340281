import Machine

extension YAMLNode {
  /// Lists and sections may be nested up to this level; the top is at level 1. libyaml takes time that grows with the
  /// square of the level, and what reads the tree recurses.
  public static let deepestLevel = 64

  /// As many keys and values may be in a text, lists and sections counted too.
  public static let mostValues = 100_000

  /// The value that `text` is, nil where there is nothing in it but blanks and comments.
  ///
  /// It is YAML 1.1 as libyaml reads it, in one document, without directives, anchors and aliases, and every key is a
  /// text. `text` has only characters that YAML allows. Takes a time that is proportional to the length of the text.
  public static func parse(_ text: String) throws(YAMLError) -> YAMLNode? {
    // Before the parser sees them: it compares each %TAG with all others.
    if let (mark, scalar) = firstContent(of: text, from: .start), scalar == "%", mark.column == 1 {
      throw YAMLError(.directive, at: mark)
    }
    let events = try YAMLEventReader(text)
    _ = try events.next()  // The stream starts.
    guard case .documentStart = try events.next().kind else { return nil }
    let root = try YAMLNode(events.next(), of: events, level: 1)
    let end = try events.next()
    if let (mark, scalar) = firstContent(of: text, from: end.end) {
      if scalar == "%", mark.column == 1 { throw YAMLError(.directive, at: mark) }
      // The end of a document is as long as its three dots, or empty where something else ends it.
      let isDocument =
        end.start != end.end || text.unicodeScalars.dropFirst(mark.offset).starts(with: "---".unicodeScalars)
      throw YAMLError(isDocument ? .anotherDocument : .trailingText, at: mark)
    }
    return root
  }

  /// The value that begins with `event`, of which `events` have the rest.
  private init(_ event: YAMLEvent, of events: YAMLEventReader, level: Int) throws(YAMLError) {
    try event.check(of: events)
    let isNested = level > Self.deepestLevel
    switch event.kind {
    case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
    case .sequenceStart:
      if isNested { throw YAMLError(.tooDeep, at: event.start) }
      content = .sequence(try Self.elements(of: events, level: level))
    case .mappingStart:
      if isNested { throw YAMLError(.tooDeep, at: event.start) }
      content = .mapping(try YAMLMapping(events, level: level))
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd, .alias:
      preconditionFailure("libyaml begins a value with something else")
    }
    tag = event.tag
    mark = event.start
    if let tag, isImplied(tag) { self.tag = nil }
  }

  /// Whether `tag` agrees with the kind of the value.
  private func isImplied(_ tag: String) -> Bool {
    switch content {
    case .scalar: tag == "!"
    case .sequence: tag == "!" || tag == "tag:yaml.org,2002:seq"
    case .mapping: tag == "!" || tag == "tag:yaml.org,2002:map"
    }
  }

  private static func elements(of events: YAMLEventReader, level: Int) throws(YAMLError) -> [YAMLNode] {
    var elements: [YAMLNode] = []
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind { return elements }
      elements.append(try YAMLNode(event, of: events, level: level + 1))
    }
  }

  fileprivate static func value(of events: YAMLEventReader, level: Int) throws(YAMLError) -> YAMLNode {
    try YAMLNode(events.next(), of: events, level: level)
  }
}

extension YAMLMapping {
  fileprivate init(_ events: YAMLEventReader, level: Int) throws(YAMLError) {
    self.init()
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { return }
      let key = try Self.key(event, of: events)
      if let place = place(of: key), let first = entries[place].mark {
        throw YAMLError(.duplicateKey(key, first: first), at: event.start)
      }
      append(Entry(key: key, mark: event.start, value: try YAMLNode.value(of: events, level: level + 1)))
    }
  }

  private static func key(_ event: YAMLEvent, of events: YAMLEventReader) throws(YAMLError) -> String {
    try event.check(of: events)
    guard case .scalar(let key, _) = event.kind else { throw YAMLError(.keyIsNoText, at: event.start) }
    if let tag = event.tag, tag != "tag:yaml.org,2002:str" { throw YAMLError(.taggedKey(tag), at: event.start) }
    return key
  }
}

extension YAMLEvent {
  /// Counts a key or value of `events`; refuses it if it is one too many, has an anchor, is an alias, or takes long to compare.
  fileprivate func check(of events: YAMLEventReader) throws(YAMLError) {
    events.values += 1
    if events.values > YAMLNode.mostValues { throw YAMLError(.tooManyValues, at: start) }
    if let anchor { throw YAMLError(.anchor(anchor), at: start) }
    if case .alias(let name) = kind { throw YAMLError(.alias(name), at: start) }
    var isSafe = tag?.isStreamSafe ?? true
    if case .scalar(let text, _) = kind { isSafe = isSafe && text.isStreamSafe }
    if !isSafe { throw YAMLError(.tooManyMarks, at: start) }
  }
}
