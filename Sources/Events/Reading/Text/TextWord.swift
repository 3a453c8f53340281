/// A value of a text file as a word: without blanks, a following comment, and quotation marks.
struct TextWord {
  /// Where it stands in the bytes.
  let range: Range<Int>
  /// Whether two quotation marks in it stand for one.
  let isEscaped: Bool
  /// Where what belongs to it ends.
  let end: Int

  /// The word of the value that takes `range`.
  init(_ bytes: Span<UInt8>, in range: Range<Int>) {
    if range.lowerBound < range.upperBound, bytes[range.lowerBound] == Byte.quote,
      let close = endOfQuoted(bytes, from: range.lowerBound), close <= range.upperBound
    {
      let rest = startOfWord(bytes.extracting(0..<range.upperBound), from: close)
      if rest == range.upperBound || bytes[rest] == Byte.hash && rest > close {
        let inner = range.lowerBound + 1..<close - 1
        self.range = inner
        isEscaped = inner.contains { bytes[$0] == Byte.quote }
        end = rest
        return
      }
    }
    var end = range.lowerBound
    // As in a header, a comment begins after a blank.
    while end < range.upperBound,
      bytes[end] != Byte.hash || end == range.lowerBound || !Byte.isBlank(bytes[end - 1])
    { end += 1 }
    self.end = end
    while end > range.lowerBound, Byte.isBlank(bytes[end - 1]) { end -= 1 }
    self.range = range.lowerBound..<end
    isEscaped = false
  }

  /// What it says, as the file writes it.
  func text(_ bytes: Span<UInt8>, _ dialect: TextDialect) -> String { dialect.text(unescaped(bytes).span) }

  /// What it says, as it is read.
  func unescaped(_ bytes: Span<UInt8>) -> [UInt8] {
    var word: [UInt8] = []
    var position = range.lowerBound
    while position < range.upperBound {
      word.append(bytes[position])
      position += isEscaped && bytes[position] == Byte.quote ? 2 : 1
    }
    return word
  }
}
