/// What stands between the values of a row of a text file.
enum TextSeparator: CaseIterable, Sendable {
  case comma
  /// A single tab: two in a row have an empty value between them.
  case tab
  /// Any number of blanks, tabs among them.
  case blanks

  /// The byte itself, where it is a single one.
  var byte: UInt8? {
    switch self {
    case .comma: Byte.comma
    case .tab: Byte.tab
    case .blanks: nil
    }
  }

  /// What separates the values of the row that the bytes begin with, behind blank lines and comments: a comma where there is one, else a
  /// tab if no other blank stands between two values, and no tab behind the last.
  init(ofRow bytes: Span<UInt8>, _ dialect: TextDialect) {
    let separators = dialect.separators
    guard separators.count > 1 else {
      self = separators[0]
      return
    }
    var start = 0
    while start < bytes.count {
      let (word, end) = (startOfWord(bytes, from: start), endOfLine(bytes, from: start))
      if word < end, bytes[word] != Byte.hash { break }
      start = end < bytes.count ? startOfNextLine(bytes, from: end) : end
    }
    let end = endOfLine(bytes, from: start)
    var (isQuoted, hasTab, hasBlank) = (false, false, false)
    for index in start..<end {
      if bytes[index] == Byte.quote { isQuoted.toggle() }
      guard !isQuoted else { continue }
      if bytes[index] == Byte.comma, separators.contains(.comma) {
        self = .comma
        return
      }
      if bytes[index] == Byte.hash, index > start, bytes[index - 1] &- Byte.zero < 10 || Byte.isBlank(bytes[index - 1])
      {
        break
      }
      if bytes[index] == Byte.tab { hasTab = true } else if Byte.isBlank(bytes[index]) { hasBlank = true }
    }
    let endsInTab = end > start && bytes[end - 1] == Byte.tab
    self = hasTab && !hasBlank && !endsInTab ? .tab : .blanks
  }

  /// Whether a value ends before this byte of its line.
  @inline(__always)
  func separates(_ byte: UInt8) -> Bool {
    switch self {
    case .comma: byte == Byte.comma
    case .tab: byte == Byte.tab
    case .blanks: Byte.isBlank(byte)
    }
  }

  /// Whether this byte is a blank that separates nothing.
  @inline(__always)
  func isPadding(_ byte: UInt8) -> Bool { Byte.isBlank(byte) && (self != .tab || byte != Byte.tab) }

  /// Where the value that begins at `start` ends: before what separates it from the next, or before the line end behind it that
  /// is not within quotation marks.
  func endOfCell(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var position = start
    if position < bytes.count, bytes[position] == Byte.quote {
      position = endOfQuoted(bytes, from: position) ?? bytes.count
    }
    while position < bytes.count, !separates(bytes[position]), !Byte.endsLine(bytes[position]) { position += 1 }
    return position
  }

  /// The number of values in the row that begins at `start`, whatever they are, and where it ends: before a line end that is not
  /// within quotation marks (RFC 4180). nil if the bytes end within them.
  func row(of bytes: Span<UInt8>, from start: Int) -> (cells: Int, end: Int)? {
    var (position, cells) = (start, 0)
    while true {
      while position < bytes.count, isPadding(bytes[position]) { position += 1 }
      let isAtEnd = position == bytes.count || Byte.endsLine(bytes[position])
      if self == .blanks, isAtEnd || bytes[position] == Byte.hash { return (cells, endOfLine(bytes, from: position)) }
      if !isAtEnd, bytes[position] == Byte.quote {
        guard let end = endOfQuoted(bytes, from: position) else { return nil }
        position = end
      }
      while position < bytes.count, !separates(bytes[position]), !Byte.endsLine(bytes[position]) { position += 1 }
      cells += 1
      guard position < bytes.count, !Byte.endsLine(bytes[position]) else { return (cells, position) }
      position += 1
    }
  }
}

/// Where the text in quotation marks that begins at `start` ends, behind the one that closes it: two in a row stand for one. nil
/// if none does.
func endOfQuoted(_ bytes: Span<UInt8>, from start: Int) -> Int? {
  var position = start + 1
  while position < bytes.count {
    position += 1
    guard bytes[position - 1] == Byte.quote else { continue }
    guard position < bytes.count, bytes[position] == Byte.quote else { return position }
    position += 1
  }
  return nil
}
