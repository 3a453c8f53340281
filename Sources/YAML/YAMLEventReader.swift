import CYAML

/// The events of a YAML text one after the other, by libyaml's `yaml_parser_parse`.
///
/// Unlike `yaml_parser_load`, which takes minutes for a megabyte of brackets, it looks ahead no more than a line of
/// 1024 characters, so that the caller can stop where a text is too deep.
///
/// The class is `@safe`, as it alone has the two pointers: libyaml keeps both, and so both stay where they are from `init`
/// to `deinit`. What libyaml allocates for an event is copied and freed within `next`.
@safe
final class YAMLEventReader {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>
  /// Keys and values so far, counted by the caller.
  var values = 0

  /// Begins with `text`, of characters that YAML allows.
  init(_ text: String) throws(YAMLError) {
    unsafe self.text = .allocate(capacity: text.utf8.count)
    _ = unsafe self.text.initialize(from: text.utf8)
    unsafe parser = .allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    // Where it fails it leaves nothing behind that deinit could not delete.
    guard unsafe yaml_parser_initialize(parser) == 1 else { throw YAMLError(.outOfMemory, at: .start) }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, UnsafePointer(self.text.baseAddress), self.text.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// The next event. Not to be called after one that threw, or after the end of the stream.
  func next() throws(YAMLError) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw error }
    defer { unsafe yaml_event_delete(&event) }
    return unsafe YAMLEvent(event)
  }

  /// What the parser says after it failed.
  private var error: YAMLError {
    let state = unsafe parser.pointee
    if unsafe state.error == YAML_MEMORY_ERROR { return YAMLError(.outOfMemory, at: unsafe YAMLMark(state.mark)) }
    // Constants of libyaml.
    let problem = unsafe state.problem.map { unsafe String(cString: $0) } ?? "it cannot be parsed"
    let activity = unsafe state.context.map {
      unsafe YAMLError.Activity(String(cString: $0), from: YAMLMark(state.context_mark))
    }
    return unsafe YAMLError(.syntax(problem, activity), at: YAMLMark(state.problem_mark))
  }
}

extension YAMLEvent {
  /// A copy of `event`.
  @unsafe
  fileprivate init(_ event: yaml_event_t) {
    // Each member of the union is read only where the type says that it is there.
    let data = unsafe event.data
    let (kind, tag, anchor): (Kind, String?, String?) =
      switch unsafe event.type {
      case YAML_STREAM_START_EVENT: (.streamStart, nil, nil)
      case YAML_STREAM_END_EVENT: (.streamEnd, nil, nil)
      case YAML_DOCUMENT_START_EVENT: (.documentStart, nil, nil)
      case YAML_DOCUMENT_END_EVENT: (.documentEnd, nil, nil)
      case YAML_SCALAR_EVENT:
        unsafe (
          .scalar(
            // It may contain zeros.
            String(decoding: UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length), as: UTF8.self),
            isPlain: data.scalar.style == YAML_PLAIN_SCALAR_STYLE && data.scalar.tag == nil),
          text(data.scalar.tag), text(data.scalar.anchor)
        )
      case YAML_SEQUENCE_START_EVENT:
        unsafe (.sequenceStart, text(data.sequence_start.tag), text(data.sequence_start.anchor))
      case YAML_SEQUENCE_END_EVENT: (.sequenceEnd, nil, nil)
      case YAML_MAPPING_START_EVENT:
        unsafe (.mappingStart, text(data.mapping_start.tag), text(data.mapping_start.anchor))
      case YAML_MAPPING_END_EVENT: (.mappingEnd, nil, nil)
      case YAML_ALIAS_EVENT: unsafe (.alias(text(data.alias.anchor) ?? ""), nil, nil)
      default: preconditionFailure("libyaml has no other events")
      }
    (self.kind, self.tag, self.anchor) = (kind, tag, anchor)
    (start, end) = unsafe (YAMLMark(event.start_mark), YAMLMark(event.end_mark))
  }
}

/// A copy of a C string, if there is one.
private func text(_ start: UnsafeMutablePointer<yaml_char_t>?) -> String? {
  unsafe start.map { unsafe String(cString: $0) }
}

extension YAMLMark {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1, offset: mark.index)
  }
}
