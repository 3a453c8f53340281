import Machine

/// The bytes that text files are made of.
enum Byte {
  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")
  static let verticalTab: UInt8 = 0x0B
  static let formFeed: UInt8 = 0x0C
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "\"")
  static let hash = UInt8(ascii: "#")
  static let plus = UInt8(ascii: "+")
  static let comma = UInt8(ascii: ",")
  static let minus = UInt8(ascii: "-")
  static let point = UInt8(ascii: ".")
  static let zero = UInt8(ascii: "0")
  static let e = UInt8(ascii: "e")

  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab || byte == verticalTab || byte == formFeed }

  static func beginsNumber(_ byte: UInt8) -> Bool {
    byte &- zero < 10 || byte == minus || byte == plus || byte == point
  }

  /// Whether an exponent may begin with this byte: E, e, or as Fortran writes it, D, d.
  @inline(__always)
  static func beginsExponent(_ byte: UInt8) -> Bool { byte | 0x21 == e }

  static func endsLine(_ byte: UInt8) -> Bool { byte == newline || byte == carriageReturn }

  /// Whether a value ends before this byte.
  static func separates(_ byte: UInt8) -> Bool { byte == comma || isBlank(byte) || endsLine(byte) }
}

/// Where the text starts if the bytes start at `offset` in the file: after a UTF-8 byte order mark, which is not part of the first
/// line.
func startOfText(_ bytes: Span<UInt8>, at offset: Int) -> Int {
  offset == 0 && bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
}

/// Where the line of `position` ends: before its LF or CR, or where the bytes end.
func endOfLine(_ bytes: Span<UInt8>, from position: Int) -> Int {
  var position = position
  while position < bytes.count, !Byte.endsLine(bytes[position]) { position += 1 }
  return position
}

/// The position of the first byte of this value in a range of bytes; nil if there is none. The corresponding C function is
/// `memchr`.
func place(of byte: UInt8, in range: Range<Int>, _ bytes: Span<UInt8>) -> Int? {
  precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
  // SAFETY: the bytes of the range are there, by the line above.
  return unsafe bytes.withUnsafeBufferPointer { bytes in
    guard let first = bytes.baseAddress, !range.isEmpty,
      let found = unsafe memchr(first + range.lowerBound, Int32(byte), range.count)
    else { return nil }
    return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(first)
  }
}

/// The same as `endOfLine`, for lines that may be long.
func endOfLongLine(_ bytes: Span<UInt8>, from position: Int) -> Int {
  let end = place(of: Byte.newline, in: position..<bytes.count, bytes) ?? bytes.count
  return place(of: Byte.carriageReturn, in: position..<end, bytes) ?? end
}

/// Where the next line starts, after the LF, CR or CR LF at `position`.
func startOfNextLine(_ bytes: Span<UInt8>, from position: Int) -> Int {
  let isPair =
    bytes[position] == Byte.carriageReturn && position + 1 < bytes.count && bytes[position + 1] == Byte.newline
  return position + (isPair ? 2 : 1)
}

/// The end of the word at `position`: before a blank, a comma, a line end or a comment.
func endOfWord(_ bytes: Span<UInt8>, from position: Int) -> Int {
  var position = position
  while position < bytes.count, !Byte.separates(bytes[position]), bytes[position] != Byte.hash { position += 1 }
  return position
}

/// Whether a number that was read up to `position` ends there.
func isEndOfNumber(_ bytes: Span<UInt8>, at position: Int) -> Bool {
  guard position < bytes.count, !Byte.separates(bytes[position]) else { return true }
  // `1.#INF` and `1.#QNAN` are how some C libraries print non-finite numbers, not the number 1 and a comment.
  return bytes[position] == Byte.hash && bytes[position - 1] != Byte.point
}

/// Whether the word at `position` stands for a number, be it finite or not.
func isNumber(_ bytes: Span<UInt8>, at position: Int) -> Bool {
  var end = position
  let value = parseFloat(bytes, from: &end)
  if !value.isNaN { return isEndOfNumber(bytes, at: end) }
  return isNotFinite(text(bytes.extracting(position..<endOfWord(bytes, from: position))))
}

/// Whether a line has nothing but numbers, the first of them in quotation marks.
func areQuotedNumbers(_ line: Span<UInt8>) -> Bool {
  var position = startOfWord(line, from: 0)
  guard position < line.count, line[position] == Byte.quote else { return false }
  while position < line.count, line[position] != Byte.hash {
    guard isQuotedNumber(line, at: position) || isNumber(line, at: position) else { return false }
    position = endOfWord(line, from: position)
    while position < line.count, line[position] == Byte.comma || Byte.isBlank(line[position]) { position += 1 }
  }
  return true
}

/// Whether a finite number in quotation marks stands at `position`.
private func isQuotedNumber(_ bytes: Span<UInt8>, at position: Int) -> Bool {
  guard bytes[position] == Byte.quote else { return false }
  var end = position + 1
  guard parseFloat(bytes, from: &end).isFinite, end < bytes.count, bytes[end] == Byte.quote else { return false }
  return isEndOfNumber(bytes, at: end + 1)
}

/// Whether a word is one of the spellings of infinity or of not-a-number.
func isNotFinite(_ word: String) -> Bool {
  var word = word.lowercased()
  if word.hasPrefix("+") || word.hasPrefix("-") { word.removeFirst() }
  return ["nan", "inf", "infinity"].contains(word) || word.hasPrefix("nan(") || word.hasPrefix("1.#")
}

/// The bytes as UTF-8, repaired where they are not.
func text(_ bytes: Span<UInt8>) -> String {
  String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
}
