import Machine

/// A column whose value is one of a known set, each of which belongs to a group: a label, for example, whose values stand for
/// classes.
public struct CategoryColumn: Equatable, Sendable {
  /// The name of the column.
  public var column: String
  /// The key of the run file that wants it, for messages: `data.label`.
  public var key: String
  /// For each group its values, as they are written: words, or numbers, which are equal whatever way they are written (1 and 1.0).
  public var values: [[String]]

  /// Stands for a value that no group lists, where such values are allowed: see ``EventRequest/allowsUnusable``.
  static let unknown = UInt16.max

  /// Fewer than 2^16 groups.
  public init(column: String, key: String, values: [[String]]) {
    precondition(values.count < 1 << 16, "\(values.count) groups of values")
    (self.column, self.key, self.values) = (column, key, values)
  }

  /// The first value that is listed twice, and the groups that list it, in their order; nil where every value has one place.
  public var collision: (value: String, groups: (Int, Int))? {
    var groups: [CategoryValue: Int] = [:]
    for (group, words) in values.enumerated() {
      for word in words {
        if let other = groups.updateValue(group, forKey: CategoryValue(word)) { return (word, (other, group)) }
      }
    }
    return nil
  }
}

extension CategoryColumn {
  /// The error of a value that no group has, at a place in a file.
  func unknown(_ value: String, file: String, line: Int? = nil, column number: Int? = nil, at place: String = "")
    -> DataError
  {
    DataError(
      .badData, file: file, line: line, column: number,
      what: "\(place)\(value.quoted) in column \(column.abridged()) is none of the values that \(key) lists: \(known)",
      advice: "list it in \(key), or leave the event out")
  }

  /// The same of an event whose value is not known any more.
  func unknown(ofEvent event: Int, file: String) -> DataError {
    DataError(
      .badData, file: file,
      what: "event \(event + 1) has in column \(column.abridged()) none of the values that \(key) lists: \(known)",
      advice: "list its value in \(key), or leave the event out")
  }

  private var known: String {
    let known = values.joined()
    return (known.prefix(50).joined(separator: ", ") + (known.count > 50 ? ", …" : "")).abridged(to: 400)
  }
}

/// A value of a category column: equal for all ways to write a number.
enum CategoryValue: Hashable, Sendable {
  case integer(isNegative: Bool, magnitude: UInt64)
  /// Not an integer, or a large one.
  case number(Double)
  case text(String)

  init(_ word: String) {
    self.init(Array(word.utf8), TextDialect())
  }

  /// A word of a text file.
  init(_ bytes: [UInt8], _ dialect: TextDialect) {
    if let integer = Self.digits(bytes) {
      self = integer
      return
    }
    var position = 0
    let value = parseDouble(bytes.span, from: &position)
    // `1D2` is not a number here.
    let isNumber = value.isFinite && position == bytes.count && !bytes.contains { $0 | 0x20 == UInt8(ascii: "d") }
    self = isNumber ? CategoryValue(value) : .text(dialect.text(bytes.span))
  }

  init(_ value: Int64) { self = .integer(isNegative: value < 0, magnitude: value.magnitude) }

  init(_ value: UInt64) { self = .integer(isNegative: false, magnitude: value) }

  init(_ value: Double) {
    let magnitude = value.magnitude
    if magnitude < 0x1p64, Double(UInt64(magnitude)) == magnitude {
      self = .integer(isNegative: value < 0, magnitude: UInt64(magnitude))
    } else {
      self = .number(value)
    }
  }

  /// The value as a float32 holds it, where it is a number.
  var roundedToFloat: CategoryValue {
    switch self {
    case .integer(let isNegative, let magnitude): CategoryValue(Double(Float(magnitude)) * (isNegative ? -1 : 1))
    case .number(let value): CategoryValue(Double(Float(value)))
    case .text: self
    }
  }

  /// An integer of nothing but digits, perhaps behind a sign, whose magnitude is below 2^64.
  private static func digits(_ bytes: [UInt8]) -> CategoryValue? {
    let isNegative = bytes.first == Byte.minus
    let digits = bytes.dropFirst(isNegative || bytes.first == Byte.plus ? 1 : 0)
    guard !digits.isEmpty else { return nil }
    var magnitude: UInt64 = 0
    for byte in digits {
      guard byte &- Byte.zero < 10 else { return nil }
      let (tens, isTooLarge) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = tens.addingReportingOverflow(UInt64(byte &- Byte.zero))
      if isTooLarge || isLarger { return nil }
      magnitude = sum
    }
    return .integer(isNegative: isNegative && magnitude > 0, magnitude: magnitude)
  }
}

/// The groups of the values of a category column.
struct CategoryGroups: Sendable {
  private let groups: [CategoryValue: UInt16]

  /// With `asFloat` the values are compared as float32 numbers hold them. Of groups that list a value twice, the first has it.
  init(_ column: CategoryColumn, asFloat: Bool = false) {
    var groups: [CategoryValue: UInt16] = [:]
    for (group, words) in column.values.enumerated() {
      for word in words {
        let value = asFloat ? CategoryValue(word).roundedToFloat : CategoryValue(word)
        if groups[value] == nil { groups[value] = UInt16(group) }
      }
    }
    self.groups = groups
  }

  /// The number of the group that lists a value; nil if none does.
  func group(of value: CategoryValue) -> UInt16? { groups[value] }
}

/// The groups of the words of a text, which is quick for words that were seen before.
struct CategoryWords {
  private let groups: CategoryGroups
  private let dialect: TextDialect
  private struct Entry {
    var word: [UInt8] = []
    var group: UInt16?
  }
  /// By a hash of the word.
  private var seen: [Entry]

  init(_ groups: CategoryGroups, _ dialect: TextDialect) {
    (self.groups, self.dialect) = (groups, dialect)
    seen = Array(repeating: Entry(), count: 64)
  }

  /// The group of the word in `range` of `bytes`; nil if none lists it.
  mutating func group(of bytes: Span<UInt8>, in range: Range<Int>) -> UInt16? {
    var hash: UInt32 = 2_166_136_261
    for index in range { hash = (hash ^ UInt32(bytes[index])) &* 16_777_619 }
    let place = Int((hash ^ hash >> 16) % UInt32(seen.count))
    if let group = seen[place].group, seen[place].word.count == range.count,
      range.allSatisfy({ bytes[$0] == seen[place].word[$0 - range.lowerBound] })
    {
      return group
    }
    let group = groups.group(of: CategoryValue(range.map { bytes[$0] }, dialect))
    seen[place] = Entry(word: range.map { bytes[$0] }, group: group)
    return group
  }
}
