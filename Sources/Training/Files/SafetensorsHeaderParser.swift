/// The part of JSON (RFC 8259) that safetensors headers are made of: objects, strings, arrays of whole numbers.
///
/// It never recurses and never reads outside its bytes, whatever they are.
struct SafetensorsHeaderParser {
  /// What is wrong and at which byte of the header.
  struct Failure: Error {
    let problem: String
    let position: Int
  }

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  func failure(_ problem: String) -> Failure {
    Failure(problem: problem, position: position - bytes.startIndex)
  }

  /// An object. `member` gets each name and must parse the value that comes next.
  mutating func object(_ member: (inout Self, String) throws(Failure) -> Void) throws(Failure) {
    try expect("{")
    if skip("}") { return }
    repeat {
      let name = try string()
      try expect(":")
      try member(&self, name)
    } while skip(",")
    try expect("}")
  }

  /// An array of whole numbers from 0 to 2⁶³ − 1.
  mutating func wholeNumbers() throws(Failure) -> [Int] {
    var numbers: [Int] = []
    try expect("[")
    if skip("]") { return numbers }
    repeat { numbers.append(try wholeNumber()) } while skip(",")
    try expect("]")
    return numbers
  }

  mutating func string() throws(Failure) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw failure("a string is not UTF-8") }
        return string
      case UInt8(ascii: "\\"): text += try escape().utf8
      case 0..<0x20: throw failure("a string has a control character")
      default: text.append(byte)
      }
    }
    throw failure("a string does not end")
  }

  /// Makes sure that only white space is left.
  mutating func end() throws(Failure) {
    skipSpace()
    guard position == bytes.endIndex else { throw failure("text after the end") }
  }

  private mutating func wholeNumber() throws(Failure) -> Int {
    skipSpace()
    let start = position
    while position < bytes.endIndex, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[position] { position += 1 }
    let digits = bytes[start..<position]
    guard digits.count == 1 || digits.first != UInt8(ascii: "0"),
      let number = Int(String(decoding: digits, as: UTF8.self))
    else { throw failure("expected a whole number below 2^63") }
    return number
  }

  /// What follows a backslash in a string.
  private mutating func escape() throws(Failure) -> String {
    switch next() {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      if UTF16.isLeadSurrogate(units[0]) {
        guard next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u") else { throw failure("half a character") }
        units.append(try codeUnit())
      }
      guard let text = String(validating: units, as: UTF16.self) else { throw failure("half a character") }
      return text
    default: throw failure("unknown escape")
    }
  }

  /// Four hexadecimal digits: a code unit of UTF-16.
  private mutating func codeUnit() throws(Failure) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = next().flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else {
        throw failure("expected four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  private mutating func expect(_ character: UnicodeScalar) throws(Failure) {
    guard skip(character) else { throw failure("expected \(character)") }
  }

  /// Takes `character` if it comes next after any white space, and says so.
  private mutating func skip(_ character: UnicodeScalar) -> Bool {
    skipSpace()
    guard position < bytes.endIndex, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.endIndex, Self.isSpace(bytes[position]) { position += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private mutating func next() -> UInt8? {
    guard position < bytes.endIndex else { return nil }
    defer { position += 1 }
    return bytes[position]
  }
}
