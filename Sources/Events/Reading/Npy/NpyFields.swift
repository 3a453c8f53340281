import Formats
import Machine

/// A field of the records of a structured array that holds a number.
struct NpyNumberField: Sendable {
  let name: String
  let number: NpyNumber
  /// Where in the record it begins, in bytes.
  let offset: Int

  init(_ field: NpyField, file: String) throws(DataError) {
    guard field.shape.isEmpty, let number = NpyNumber(descr: field.descr) else {
      throw DataError(
        .badData, file: file,
        what: "column \(field.name.abridged()) holds \(field.typeText), but only \(NpyNumber.known) can be read",
        advice: "save a number of such a type, one an event, or do not name the column")
    }
    (name, self.number, offset) = (field.name, number, field.offset)
  }

  /// A field that identifies an event.
  init(identity field: NpyField, file: String) throws(DataError) {
    try self.init(field, file: file)
    guard number.kind != .float else {
      throw DataError(
        .badData, file: file,
        what:
          "column \(name.abridged()) holds \(field.typeText), which does not tell all whole numbers below 2^64 apart",
        advice: "save what identifies an event as an integer: uint64")
    }
  }
}

/// A field of the records of a structured array whose value is one of some that are known: a number or text.
struct NpyCategoryField: Sendable {
  let category: CategoryColumn
  /// Where in the record it begins, and how many bytes it takes.
  let offset: Int
  let size: Int

  private enum Kind: Sendable {
    case number(NpyNumber)
    /// Bytes, with zeros behind the text.
    case bytes
    /// UTF-32, with zeros behind the text.
    case unicode(isBigEndian: Bool)
  }
  private let kind: Kind
  private let groups: CategoryGroups

  /// Groups of values that were seen before, by a hash of their bytes.
  private struct Entry: Sendable {
    var value: [UInt8] = []
    var group: UInt16?
  }
  private var seen: [Entry]

  init(_ field: NpyField, _ category: CategoryColumn, file: String) throws(DataError) {
    let type = field.descr.dropFirst().first
    if field.shape.isEmpty, let number = NpyNumber(descr: field.descr) {
      kind = .number(number)
      groups = CategoryGroups(category, asFloat: number.kind == .float && number.size < 8)
    } else if field.shape.isEmpty, type == "S" || type == "a" {
      kind = .bytes
      groups = CategoryGroups(category)
    } else if field.shape.isEmpty, type == "U" {
      kind = .unicode(isBigEndian: field.descr.first == ">")
      groups = CategoryGroups(category)
    } else {
      throw DataError(
        .badData, file: file,
        what:
          "column \(field.name.abridged()) holds \(field.typeText), but only \(NpyNumber.known) or text of fixed length can be read",
        advice: "save one such value an event")
    }
    (self.category, offset, size) = (category, field.offset, field.size)
    seen = Array(repeating: Entry(), count: 64)
  }

  /// The group of the value that bytes hold; nil if none lists it.
  mutating func group(of bytes: Span<UInt8>) -> UInt16? {
    var hash: UInt32 = 2_166_136_261
    for index in bytes.indices { hash = (hash ^ UInt32(bytes[index])) &* 16_777_619 }
    let place = Int((hash ^ hash >> 16) % UInt32(seen.count))
    if let group = seen[place].group, seen[place].value.count == bytes.count,
      bytes.indices.allSatisfy({ bytes[$0] == seen[place].value[$0] })
    {
      return group
    }
    let group = groups.group(of: value(bytes))
    seen[place] = Entry(value: bytes.indices.map { bytes[$0] }, group: group)
    return group
  }

  /// The value that bytes hold, as a message shows it.
  func text(_ bytes: Span<UInt8>) -> String {
    switch value(bytes) {
    case .integer(let isNegative, let magnitude): (isNegative ? "-" : "") + "\(magnitude)"
    case .number(let value): "\(value)"
    case .text(let text): text
    }
  }

  private func value(_ bytes: Span<UInt8>) -> CategoryValue {
    switch kind {
    case .number(let number):
      if number.kind == .float { return CategoryValue(number.double(bytes, at: 0, step: size)) }
      var value: [UInt64] = [0]
      var span = value.mutableSpan
      number.convert(integers: bytes, step: size, count: 1, to: &span)
      return number.kind == .signed ? CategoryValue(Int64(bitPattern: value[0])) : CategoryValue(value[0])
    case .bytes:
      var end = bytes.count
      while end > 0, bytes[end - 1] == 0 { end -= 1 }
      return CategoryValue(Events.text(bytes.extracting(0..<end)))
    case .unicode(let isBigEndian):
      var text = String.UnicodeScalarView()
      for index in stride(from: 0, to: bytes.count - 3, by: 4) {
        var scalar: UInt32 = 0
        for byte in 0..<4 { scalar = scalar << 8 | UInt32(bytes[index + (isBigEndian ? byte : 3 - byte)]) }
        text.append(Unicode.Scalar(scalar) ?? "\u{FFFD}")
      }
      while text.last == "\0" { text.removeLast() }
      return CategoryValue(String(text))
    }
  }
}

extension NpyField {
  /// Its type, for a message.
  fileprivate var typeText: String {
    if !shape.isEmpty { return "several values an event" }
    return descr.isEmpty ? "records" : "values of type \(descr.abridged())"
  }
}
