/// What the header of a `.npy` file says (format 1.0 to 3.0: numpy.lib.format).
struct NpyHeader: Equatable {
  /// Where the values begin, in bytes from the beginning of the file.
  var dataOffset: Int
  /// The type of the values, as numpy spells it: `<f4`.
  var descr: String
  /// Whether the first index runs fastest.
  var fortranOrder: Bool
  /// The extent of each dimension.
  var shape: [Int]
}

/// The bytes that a `.npy` file begins with.
let npyMagic: [UInt8] = [0x93] + Array("NUMPY".utf8)

extension NpyHeader {
  /// Reads the header from the first bytes of a file. Its `size` bytes must hold what the header says.
  init(_ bytes: Span<UInt8>, file: String, size: Int) throws(DataError) {
    func fault(_ what: String, _ advice: String = "write it again with numpy.save") -> DataError {
      DataError(.badData, file: file, what: what, advice: advice)
    }
    guard bytes.count >= 8 else { throw fault("cut off within the header") }
    let major = Int(bytes[6])
    guard (1...3).contains(major), bytes[7] == 0 else {
      throw fault("of .npy format \(major).\(bytes[7]), where 1.0 to 3.0 are known")
    }
    let lengthBytes = major == 1 ? 2 : 4
    guard bytes.count >= 8 + lengthBytes else { throw fault("cut off within the header") }
    var length = 0
    for index in (0..<lengthBytes).reversed() { length = length << 8 | Int(bytes[8 + index]) }
    let start = 8 + lengthBytes
    guard length <= size - start else { throw fault("cut off within the header") }
    guard length <= bytes.count - start else {
      throw fault("a header of \(length) bytes, too long for an array of numbers")
    }
    var header: [UInt8] = []
    for index in start..<start + length { header.append(bytes[index]) }
    var literal = PythonLiteral(header)
    guard let dictionary = literal.dictionary(), case .string(let descr)? = dictionary["descr"],
      case .boolean(let fortranOrder)? = dictionary["fortran_order"], case .tuple(let shape)? = dictionary["shape"],
      dictionary.count == 3
    else {
      throw fault(
        "a header that is not that of an array of numbers",
        "save one plain array of shape (events, features) or (features, events)")
    }
    self.init(dataOffset: start + length, descr: descr, fortranOrder: fortranOrder, shape: shape)
  }
}

/// A reader of the Python literals in a `.npy` header: a dictionary of strings, booleans and tuples of integers ≥ 0.
private struct PythonLiteral {
  enum Value {
    case string(String)
    case boolean(Bool)
    case tuple([Int])
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The dictionary that fills the text, or nil if it is not one or names a key twice.
  mutating func dictionary() -> [String: Value]? {
    var result: [String: Value] = [:]
    guard skip("{") else { return nil }
    while !skip("}") {
      guard let key = string(), skip(":"), let value = value(), result.updateValue(value, forKey: key) == nil
      else { return nil }
      if !skip(",") {
        guard skip("}") else { return nil }
        break
      }
    }
    skipBlanks()
    return position == bytes.count ? result : nil
  }

  private mutating func value() -> Value? {
    if skip("True") { return .boolean(true) }
    if skip("False") { return .boolean(false) }
    if skip("(") { return tuple().map { .tuple($0) } }
    return string().map { .string($0) }
  }

  private mutating func tuple() -> [Int]? {
    var result: [Int] = []
    while !skip(")") {
      guard let integer = integer() else { return nil }
      result.append(integer)
      if !skip(",") { return skip(")") ? result : nil }
    }
    return result
  }

  private mutating func integer() -> Int? {
    skipBlanks()
    let digits = bytes[position...].prefix { $0 &- Byte.zero < 10 }
    position += digits.count
    // Python 2 wrote long integers with an L.
    _ = skip("L")
    return Int(String(decoding: digits, as: UTF8.self))
  }

  private mutating func string() -> String? {
    guard let quote = skip("'") ? UInt8(ascii: "'") : skip("\"") ? Byte.quote : nil else { return nil }
    let content = bytes[position...].prefix { $0 != quote }
    position += content.count + 1
    return position <= bytes.count ? String(decoding: content, as: UTF8.self) : nil
  }

  private mutating func skip(_ text: String) -> Bool {
    skipBlanks()
    let expected = Array(text.utf8)
    guard bytes[position...].starts(with: expected) else { return false }
    position += expected.count
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position] == Byte.space || bytes[position] == Byte.newline { position += 1 }
  }
}
