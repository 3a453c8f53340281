/// What the header of a `.npy` file says (format 1.0 to 3.0: numpy.lib.format).
public struct NpyHeader: Equatable {
  /// Where the values begin, in bytes from the beginning of the file.
  public var dataOffset: Int
  /// The type of the values, as numpy spells it: `<f4`; empty for records.
  public var descr: String
  /// The fields of the records of a structured array, in their order; none for a plain one.
  public var fields: [NpyField]
  /// The bytes that a value or a record takes; nil for a type that is not known.
  public var itemSize: Int?
  /// Whether the first index runs fastest.
  public var fortranOrder: Bool
  /// The extent of each dimension.
  public var shape: [Int]
}

/// The bytes that a `.npy` file begins with.
public let npyMagic: [UInt8] = [0x93] + Array("NUMPY".utf8)

/// Why bytes are not of the format that they should be: what is wrong, and what to do about it.
public struct FormatError: Error {
  public let what: String
  public let advice: String

  public init(what: String, advice: String) { (self.what, self.advice) = (what, advice) }

  static let noArray = FormatError(
    what: "a header that is not that of an array of numbers",
    advice:
      "save one plain array of shape (events, features) or (features, events), or a structured one of shape (events,)")
}

extension NpyHeader {
  /// Reads the header from the first bytes of a file of `size` bytes, which must hold what the header says.
  public init(_ bytes: Span<UInt8>, size: Int) throws(FormatError) {
    func fault(_ what: String, _ advice: String = "write it again with numpy.save") -> FormatError {
      FormatError(what: what, advice: advice)
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
    // Up to version 2 it is in Latin-1.
    var literal = PythonLiteralReader(header, isUTF8: major > 2)
    guard let dictionary = literal.dictionary(), let type = dictionary["descr"],
      case .boolean(let fortranOrder)? = dictionary["fortran_order"], let shape = dictionary["shape"]?.extents,
      dictionary.count == 3
    else { throw FormatError.noArray }
    self.init(dataOffset: start + length, descr: "", fields: [], fortranOrder: fortranOrder, shape: shape)
    switch type {
    case .string(let text):
      descr = text
      itemSize = try? NpyField.itemSize(text)
    case .list(let list):
      let (fields, size) = try NpyField.fields(list)
      (self.fields, itemSize) = (fields, size)
    default: throw FormatError.noArray
    }
  }
}

/// The first bytes of a `.npy` file (format 1.0) of an array in C order, up to where its values begin.
///
/// `shape` is the extent of each dimension, `descr` the type as numpy spells it (`<f4`, `<f8`). The values begin at a
/// multiple of 64 bytes, at 128 for one or two dimensions of any extent, so a file that grows keeps its place for the
/// header: write the header of the new shape over the old one.
/// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public func npyHeader(shape: [Int], descr: String) -> [UInt8] {
  precondition(shape.allSatisfy { $0 >= 0 }, "shape \(shape)")
  let extents = shape.map { "\($0)," }.joined(separator: " ")
  let dictionary = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(extents)), }"
  // Twenty bytes to spare: what the extent of one dimension can grow by. The last byte is a newline.
  let length = (10 + dictionary.utf8.count + 20 + 1 + 63) / 64 * 64
  let headerLength = UInt16(length - 10)
  var bytes = npyMagic + [1, 0]
  bytes += [UInt8(truncatingIfNeeded: headerLength), UInt8(truncatingIfNeeded: headerLength >> 8)]
  bytes += Array(dictionary.utf8)
  bytes += [UInt8](repeating: UInt8(ascii: " "), count: length - bytes.count - 1)
  bytes.append(UInt8(ascii: "\n"))
  return bytes
}
