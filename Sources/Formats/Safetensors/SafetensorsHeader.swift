import Machine

/// What the JSON header of a safetensors file says.
struct SafetensorsHeader {
  /// A tensor; its values are yet to be checked against the rest of the file.
  struct Entry: Decodable {
    var name = ""
    let type: String
    let shape: [Int]
    /// First byte of the values and the byte after the last, counted from the start of the data section.
    let offsets: [Int]

    var begin: Int { offsets[0] }
    var end: Int { offsets[1] }

    private enum CodingKeys: String, CodingKey {
      case type = "dtype"
      case shape
      case offsets = "data_offsets"
    }
  }

  static let metadataKey = "__metadata__"

  private(set) var metadata: [String: String] = [:]
  /// In no particular order.
  private(set) var entries: [Entry] = []
}

extension SafetensorsHeader: Decodable {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: Name.self)
    for name in members.allKeys {
      if name.stringValue == Self.metadataKey {
        metadata = try members.decode([String: String].self, forKey: name)
      } else {
        var entry = try members.decode(Entry.self, forKey: name)
        guard entry.offsets.count == 2 else {
          throw DecodingError.dataCorruptedError(forKey: name, in: members, debugDescription: "not two offsets")
        }
        entry.name = name.stringValue
        entries.append(entry)
      }
    }
  }
}

extension SafetensorsHeader {
  /// A header as compact JSON: the metadata first, everything in order.
  static func encoded(metadata: [(key: String, value: String)], entries: [Entry]) -> [UInt8] {
    let pairs = metadata.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",")
    let members = entries.map { entry in
      #"\#(quoted(entry.name)):{"dtype":"\#(entry.type)","shape":\#(list(entry.shape)),"#
        + #""data_offsets":\#(list(entry.offsets))}"#
    }
    return Array("{\((["\"\(metadataKey)\":{\(pairs)}"] + members).joined(separator: ","))}".utf8)
  }

  private static func list(_ numbers: [Int]) -> String { "[\(numbers.map(String.init).joined(separator: ","))]" }

  /// `text` as a JSON string (RFC 8259, section 7).
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        result.unicodeScalars.append("\\")
        result.unicodeScalars.append(scalar)
      case "\u{0}"..<" ": result += "\\u" + padded(zeros: 4, String(scalar.value, radix: 16))
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
