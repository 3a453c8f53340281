/// A field of the records of a structured array.
public struct NpyField: Equatable, Sendable {
  public var name: String
  /// The type of its value as numpy spells it, `<f4`; empty for one that is a record itself.
  public var descr: String
  /// The extents of a value that is an array; none for a single one.
  public var shape: [Int]
  /// Where in the record it begins, and how many bytes it takes.
  public var offset: Int
  public var size: Int

  public init(name: String, descr: String, shape: [Int] = [], offset: Int, size: Int) {
    (self.name, self.descr, self.shape, self.offset, self.size) = (name, descr, shape, offset, size)
  }
}

extension NpyField {
  /// The fields that a list in a header describes, and the size of their record; padding has no name and is no field.
  ///
  /// Each is `(name, type)` or `(name, type, shape)`, where the name may have a title, `(title, name)`, and the type may be such a
  /// list again.
  static func fields(_ list: [PythonLiteral]) throws(FormatError) -> (fields: [NpyField], size: Int) {
    var (fields, offset) = ([NpyField](), 0)
    for element in list {
      guard case .tuple(let parts) = element, (2...3).contains(parts.count), let name = name(parts[0]) else {
        throw FormatError.noArray
      }
      let shape = parts.count == 3 ? parts[2].extents ?? (parts[2].extent.map { [$0] }) : []
      guard let shape else { throw FormatError.noArray }
      var (size, descr) = (0, "")
      switch parts[1] {
      case .string(let text):
        size = try itemSize(text)
        descr = text
      case .list(let inner): size = try Self.fields(inner).size
      default: throw FormatError.noArray
      }
      for extent in shape {
        let (product, overflows) = size.multipliedReportingOverflow(by: extent)
        if overflows { throw FormatError.noArray }
        size = product
      }
      let (end, overflows) = offset.addingReportingOverflow(size)
      if overflows { throw FormatError.noArray }
      if !name.isEmpty || !descr.dropFirst().hasPrefix("V") {
        fields.append(NpyField(name: name, descr: descr, shape: shape, offset: offset, size: size))
      }
      offset = end
    }
    guard !fields.isEmpty else { throw FormatError.noArray }
    return (fields, offset)
  }

  private static func name(_ literal: PythonLiteral) -> String? {
    switch literal {
    case .string(let name): return name
    case .tuple(let parts):
      guard parts.count == 2, case .string(let name) = parts[1] else { return nil }
      return name
    default: return nil
    }
  }

  /// The bytes that a value of this type takes: an order of bytes, a letter, a number, and perhaps a unit of time.
  static func itemSize(_ descr: String) throws(FormatError) -> Int {
    let bytes = Array(descr.utf8)
    guard bytes.count > 1, "<>|=".utf8.contains(bytes[0]) else { throw FormatError.noArray }
    if bytes[1] == UInt8(ascii: "O") {
      throw FormatError(
        what: "an array of Python objects, which only Python can read",
        advice: "save numbers and text of fixed length: array.astype(…)")
    }
    let digits = bytes.dropFirst(2).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let count = Int(String(decoding: digits, as: UTF8.self)) else { throw FormatError.noArray }
    // Text is in UTF-32.
    let (size, overflows) = count.multipliedReportingOverflow(by: bytes[1] == UInt8(ascii: "U") ? 4 : 1)
    if overflows { throw FormatError.noArray }
    return size
  }
}

extension PythonLiteral {
  fileprivate var extent: Int? {
    guard case .integer(let extent) = self else { return nil }
    return extent
  }
}
