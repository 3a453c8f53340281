// Tables on a terminal: texts in columns of a fixed width, whatever characters they have.

extension String {
  /// The number of a terminal's columns that the text takes: two for a wide character of East Asia and for an emoji, none for
  /// an accent that joins the character before it (Unicode Standard Annex 11).
  public var columns: Int { reduce(0) { $0 + $1.columns } }

  /// The text in at most `width` columns. Of a longer one the beginning and the end are left, since long names often differ
  /// at their ends alone: `signal_re…_2018`.
  ///
  /// - Precondition: `width` ≥ 1.
  public func abridged(toColumns width: Int) -> String {
    precondition(width >= 1, "an ellipsis takes a column")
    guard columns > width else { return self }
    let end = (width - 1) / 3
    return Self.prefix(of: self, columns: width - 1 - end) + "…"
      + String(Self.prefix(of: reversed(), columns: end).reversed())
  }

  private static func prefix(of characters: some Sequence<Character>, columns: Int) -> String {
    var (text, left) = ("", columns)
    for character in characters {
      left -= character.columns
      guard left >= 0 else { break }
      text.append(character)
    }
    return text
  }
}

extension Character {
  fileprivate var columns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    let isWide =
      first.isWide || first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}")
    return isWide ? 2 : 1
  }
}

extension Unicode.Scalar {
  /// Whether it is wide or full-width in EastAsianWidth.txt; by blocks, of which a few places are unassigned.
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}

/// `text` on the left of a column of `width` columns.
public func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.columns))
}

/// `text` on the right of a column of `width` columns.
public func aligned(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.columns)) + text
}
