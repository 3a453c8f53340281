/// How a text file writes its values, if this is not detected from the file.
public struct TextDialect: Codable, Equatable, Sendable {
  /// The separator between the values of a row.
  public enum Separator: String, CaseIterable, Codable, Sendable {
    case comma = ","
    case semicolon = ";"
    case tab
    /// Any number of blanks, tabs among them.
    case blanks
  }
  /// The decimal separator.
  public enum Decimal: String, CaseIterable, Codable, Sendable {
    case point = "."
    case comma = ","
  }
  /// nil: detected in each file: commas, tabs or blanks, but not commas if they are the decimal separator.
  public var separator: Separator?
  public var decimal: Decimal

  /// A comma cannot be both.
  public init(separator: Separator? = nil, decimal: Decimal = .point) {
    precondition(separator != .comma || decimal != .comma, "commas both separate values and begin fractions")
    (self.separator, self.decimal) = (separator, decimal)
  }
}

// Text is read with commas or blanks between values and points before fractions. If a file uses other characters, its bytes are
// exchanged for these as they are read, and exchanged back in messages: it is a permutation, so that nothing is lost.
extension TextDialect {
  /// What may separate the values, after the exchange.
  var separators: [TextSeparator] {
    switch separator {
    case .comma, .semicolon: [.comma]
    case .tab: [.tab]
    case .blanks: [.blanks]
    case nil: decimal == .comma ? [.tab, .blanks] : TextSeparator.allCases
    }
  }

  /// Whether anything is set.
  var isDefault: Bool { self == TextDialect() }

  /// Bytes each of which is exchanged for the next, and the last for the first; none: all are as they are read.
  private var cycle: [UInt8] {
    switch (separator, decimal) {
    case (.semicolon, .comma): [UInt8(ascii: ";"), Byte.comma, Byte.point]
    case (.semicolon, .point): [UInt8(ascii: ";"), Byte.comma]
    case (_, .comma): [Byte.comma, Byte.point]
    case (_, .point): []
    }
  }

  /// Exchanges bytes of a file for those that are read.
  func translate(_ bytes: inout MutableSpan<UInt8>, in range: Range<Int>) {
    let cycle = cycle
    guard let first = cycle.first, let last = cycle.last else { return }
    let (second, third) = (cycle[1], cycle.count > 2 ? cycle[2] : first)
    for index in range {
      let byte = bytes[index]
      var new = byte
      if byte == first { new = second }
      if byte == second { new = third }
      if byte == last { new = first }
      bytes[index] = new
    }
  }

  /// The bytes of the file for bytes that were read.
  func original(_ bytes: [UInt8]) -> [UInt8] {
    let cycle = cycle
    return bytes.map { byte in
      cycle.firstIndex(of: byte).map { cycle[($0 + cycle.count - 1) % cycle.count] } ?? byte
    }
  }

  /// Bytes that were read as the file has them, as UTF-8, repaired where they are not.
  func text(_ bytes: Span<UInt8>) -> String {
    String(decoding: original(bytes.indices.map { bytes[$0] }), as: UTF8.self)
  }
}
