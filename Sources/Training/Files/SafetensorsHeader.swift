/// What the JSON header of a safetensors file says, in the order in which it says it.
struct SafetensorsHeader {
  struct Entry {
    var name = ""
    var type = ""
    var shape: [Int] = []
    /// First byte of the values and the byte after the last, counted from the start of the data section.
    var begin = 0
    var end = 0
  }

  static let metadataKey = "__metadata__"

  var metadata: [(key: String, value: String)] = []
  var entries: [Entry] = []
}

extension SafetensorsHeader {
  /// The header as compact JSON: the metadata first, everything in order.
  func encoded() -> [UInt8] {
    let pairs = metadata.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }.joined(separator: ",")
    let members = entries.map { entry in
      let shape = entry.shape.map(String.init).joined(separator: ",")
      return #"\#(Self.quoted(entry.name)):{"dtype":"\#(entry.type)","shape":[\#(shape)],"#
        + #""data_offsets":[\#(entry.begin),\#(entry.end)]}"#
    }
    return Array("{\((["\"\(Self.metadataKey)\":{\(pairs)}"] + members).joined(separator: ","))}".utf8)
  }

  /// `text` as a JSON string (RFC 8259, section 7).
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        result.unicodeScalars.append("\\")
        result.unicodeScalars.append(scalar)
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension SafetensorsHeader {
  /// Parses `bytes`, which nobody has vouched for.
  ///
  /// The grammar of the format is a small part of JSON, and a general JSON decoder would take a name that occurs
  /// twice, forget the order, and read 1e3 as a whole number; hence this parser.
  init(parsing bytes: ArraySlice<UInt8>) throws(SafetensorsHeaderParser.Failure) {
    var parser = SafetensorsHeaderParser(bytes)
    var names: Set<String> = []
    var header = SafetensorsHeader()
    try parser.object { (parser, name) throws(SafetensorsHeaderParser.Failure) in
      guard names.insert(name).inserted else { throw parser.failure("\(name.shortened) occurs twice") }
      if name == Self.metadataKey {
        header.metadata = try Self.metadata(&parser)
      } else {
        header.entries.append(try Self.entry(named: name, &parser))
      }
    }
    try parser.end()
    self = header
  }

  private static func metadata(
    _ parser: inout SafetensorsHeaderParser
  ) throws(SafetensorsHeaderParser.Failure) -> [(key: String, value: String)] {
    var keys: Set<String> = []
    var metadata: [(key: String, value: String)] = []
    try parser.object { (parser, key) throws(SafetensorsHeaderParser.Failure) in
      guard keys.insert(key).inserted else { throw parser.failure("metadata \(key.shortened) occurs twice") }
      metadata.append((key, try parser.string()))
    }
    return metadata
  }

  private static func entry(
    named name: String, _ parser: inout SafetensorsHeaderParser
  ) throws(SafetensorsHeaderParser.Failure) -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try parser.object { (parser, field) throws(SafetensorsHeaderParser.Failure) in
      switch field {
      case "dtype" where type == nil: type = try parser.string()
      case "shape" where shape == nil: shape = try parser.wholeNumbers()
      case "data_offsets" where offsets == nil: offsets = try parser.wholeNumbers()
      default: throw parser.failure("tensor \(name.shortened) has a second or unknown field \(field.shortened)")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw parser.failure("tensor \(name.shortened) lacks its dtype, shape or two data_offsets")
    }
    return Entry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
  }
}

extension String {
  /// The string in quotes for a message of one line: control characters escaped, the end left out where it is long.
  var shortened: String {
    // A debug description leaves the second block of control characters, U+0080 to U+009F, as it is.
    String(String.UnicodeScalarView(unicodeScalars.prefix(60))).debugDescription.onOneLine
      + (unicodeScalars.dropFirst(60).isEmpty ? "" : "…")
  }
}
