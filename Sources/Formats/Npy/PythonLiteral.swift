/// A Python literal, as in `.npy` headers.
enum PythonLiteral: Equatable {
  case string(String)
  case boolean(Bool)
  /// At least 0.
  case integer(Int)
  case tuple([PythonLiteral])
  case list([PythonLiteral])

  /// The extents that a tuple of integers stands for.
  var extents: [Int]? {
    guard case .tuple(let elements) = self else { return nil }
    var extents: [Int] = []
    for element in elements {
      guard case .integer(let extent) = element else { return nil }
      extents.append(extent)
    }
    return extents
  }
}

/// Reads the dictionary that is a `.npy` header.
struct PythonLiteralReader {
  private let bytes: [UInt8]
  /// Whether text is UTF-8, not Latin-1.
  private let isUTF8: Bool
  private var position = 0
  /// No type is nested deeper, and recursion stops here.
  private static let greatestDepth = 16

  init(_ bytes: [UInt8], isUTF8: Bool) { (self.bytes, self.isUTF8) = (bytes, isUTF8) }

  /// The dictionary that fills the text, or nil if it is not one or names a key twice.
  mutating func dictionary() -> [String: PythonLiteral]? {
    var result: [String: PythonLiteral] = [:]
    guard skip("{") else { return nil }
    while !skip("}") {
      guard let key = string(), skip(":"), let value = value(depth: 0), result.updateValue(value, forKey: key) == nil
      else { return nil }
      if !skip(",") {
        guard skip("}") else { return nil }
        break
      }
    }
    skipBlanks()
    return position == bytes.count ? result : nil
  }

  private mutating func value(depth: Int) -> PythonLiteral? {
    if depth > Self.greatestDepth { return nil }
    if skip("True") { return .boolean(true) }
    if skip("False") { return .boolean(false) }
    if skip("(") { return elements(before: ")", depth: depth + 1).map { .tuple($0) } }
    if skip("[") { return elements(before: "]", depth: depth + 1).map { .list($0) } }
    return string().map { .string($0) } ?? integer().map { .integer($0) }
  }

  private mutating func elements(before end: String, depth: Int) -> [PythonLiteral]? {
    var result: [PythonLiteral] = []
    while !skip(end) {
      guard let value = value(depth: depth) else { return nil }
      result.append(value)
      if !skip(",") { return skip(end) ? result : nil }
    }
    return result
  }

  private mutating func integer() -> Int? {
    skipBlanks()
    let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    position += digits.count
    // Python 2 wrote long integers with an L.
    _ = skip("L")
    return Int(String(decoding: digits, as: UTF8.self))
  }

  private mutating func string() -> String? {
    guard let quote = skip("'") ? UInt8(ascii: "'") : skip("\"") ? UInt8(ascii: "\"") : nil else { return nil }
    var content: [UInt8] = []
    while position < bytes.count, bytes[position] != quote {
      if bytes[position] == UInt8(ascii: "\\") {
        guard let scalar = escape() else { return nil }
        content += Array(String(scalar).utf8)
      } else if isUTF8 {
        content.append(bytes[position])
        position += 1
      } else {
        content += Array(String(Unicode.Scalar(bytes[position])).utf8)
        position += 1
      }
    }
    guard position < bytes.count else { return nil }
    position += 1
    return String(decoding: content, as: UTF8.self)
  }

  /// The character that the backslash at hand and what follows it stand for, in the ways that Python's `repr` uses.
  private mutating func escape() -> Unicode.Scalar? {
    guard position + 1 < bytes.count else { return nil }
    let letter = Unicode.Scalar(bytes[position + 1])
    position += 2
    switch letter {
    case "\\", "'", "\"": return letter
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "x": return hexadecimal(2)
    case "u": return hexadecimal(4)
    case "U": return hexadecimal(8)
    default: return nil
    }
  }

  private mutating func hexadecimal(_ count: Int) -> Unicode.Scalar? {
    guard position + count <= bytes.count else { return nil }
    let digits = bytes[position..<position + count]
    position += count
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16).flatMap { Unicode.Scalar($0) }
  }

  private mutating func skip(_ text: String) -> Bool {
    skipBlanks()
    let expected = text.utf8
    guard bytes[position...].starts(with: expected) else { return false }
    position += expected.count
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") || bytes[position] == UInt8(ascii: "\n") {
      position += 1
    }
  }
}
