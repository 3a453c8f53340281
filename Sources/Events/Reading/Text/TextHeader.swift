/// A word in a line that may head the columns of a text file.
struct HeaderWord: Equatable {
  /// Without the quotation marks around it.
  var text: String
  /// Whether it can be a name: it is empty, as that of the index column that pandas writes, in quotation marks, or has a letter
  /// and is no number.
  var isName: Bool
  var isQuoted = false
}

/// A line that heads the columns of a text file.
///
/// Which words it has depends on what separates them, and that may be seen only beside a row: words are separated by commas, by
/// tabs, or, if there is no comma, by blanks. The rows may be separated by something else.
struct TextHeader {
  /// The names that the line gives if its words are separated so.
  struct Reading {
    var separator: TextSeparator
    var names: [String]
    fileprivate var isQuoted: Bool
  }
  let readings: [Reading]
  private let beginsWithBlank: Bool
  /// What may separate the values of rows.
  private let separators: [TextSeparator]

  /// The header in a line, if it is one: a reading of its words is one if `names` gives their names.
  init?(_ line: Span<UInt8>, _ dialect: TextDialect, names: ([HeaderWord], TextSeparator) -> [String]?) {
    separators = dialect.separators
    var possible = separators.filter { $0.byte.map { hasOutsideQuotes($0, line) } ?? false }
    if possible.first != .comma, separators.contains(.blanks) { possible.append(.blanks) }
    if possible.isEmpty { possible = separators }
    readings = possible.compactMap { separator in
      guard let words = headerWords(line, separatedBy: separator, dialect), let found = names(words, separator) else {
        return nil
      }
      return Reading(separator: separator, names: found, isQuoted: words.allSatisfy(\.isQuoted))
    }
    if readings.isEmpty { return nil }
    beginsWithBlank = line.count > 0 && Byte.isBlank(line[0])
  }

  /// What heads a file to whose columns the run file gives these names.
  init(given names: [String], _ dialect: TextDialect) {
    separators = dialect.separators
    readings = separators.map { Reading(separator: $0, names: names, isQuoted: false) }
    beginsWithBlank = false
  }

  /// The names of the columns of rows that the row at `start` of the bytes is the first of, and what separates these; nil if it
  /// has another number of columns.
  func columns(of bytes: Span<UInt8>, from start: Int) -> (names: [String], separator: TextSeparator)? {
    let rows = separators.compactMap { separator in
      separator.row(of: bytes, from: start).map { (separator, $0.cells) }
    }
    // A separator that is not there gives one column: that counts where there is none at all.
    let present = rows.contains { $0.1 > 1 } ? rows.filter { $0.1 > 1 } : rows
    for reading in readings where present.contains(where: { $0 == (reading.separator, reading.names.count) }) {
      return (reading.names, reading.separator)
    }
    for reading in readings {
      if let row = present.first(where: { $0.1 == reading.names.count }) { return (reading.names, row.0) }
    }
    // As pandas writes its index where blanks separate, and R the names of rows: the column before the others has no name.
    for reading in readings where present.contains(where: { $0 == (reading.separator, reading.names.count + 1) }) {
      let isQuoted = reading.isQuoted && start < bytes.count && bytes[start] == Byte.quote
      if isQuoted || reading.separator == .blanks && beginsWithBlank {
        return ([""] + reading.names, reading.separator)
      }
    }
    return nil
  }

  /// The closest reading if the first row has another number of columns.
  func likeliestColumns(of bytes: Span<UInt8>, from start: Int) -> (names: [String], separator: TextSeparator) {
    let row = separators.first { $0 != .blanks && $0.row(of: bytes, from: start)?.cells ?? 0 > 1 }
    let first = readings[0]
    return (first.names, first.separator == .blanks ? row ?? .blanks : first.separator)
  }
}

extension [HeaderWord] {
  /// Whether these can be names of columns: none is a number, and not all are empty.
  var nameColumns: Bool { allSatisfy(\.isName) && contains { !$0.text.isEmpty } }

  /// Whether all of `wanted` are among these.
  func name(_ wanted: [String]) -> Bool {
    guard !wanted.isEmpty, wanted.count <= count else { return false }
    let texts = Set(map(\.text))
    return wanted.allSatisfy(texts.contains)
  }

  /// The names of columns that have numbers, 0 … n−1, n ≥ 2, perhaps behind an empty name; nil for other words.
  func numbered(_ request: EventRequest, _ separator: TextSeparator) -> [String]? {
    let unnamed = first?.text == "" ? 1 : 0
    let numbers = dropFirst(unnamed)
    let names = request.columns.isEmpty ? request.features : request.columns
    guard numbers.count >= 2, zip(0..., numbers).allSatisfy({ $1.text == "\($0)" }) else { return nil }
    // A row of a feature may begin in this way.
    guard request.layout == .eventsByRow || separator == .comma && numbers.count == names.count else {
      return nil
    }
    return numbers.count == names.count ? prefix(unnamed).map(\.text) + names : map(\.text)
  }
}

/// The words of a line that may head columns; nil if a quotation mark is out of place or there is no word.
private func headerWords(_ line: Span<UInt8>, separatedBy separator: TextSeparator, _ dialect: TextDialect)
  -> [HeaderWord]?
{
  var words: [HeaderWord] = []
  var position = 0
  func skipPadding() {
    while position < line.count, separator.isPadding(line[position]) { position += 1 }
  }
  skipPadding()
  while position < line.count {
    // Between commas or tabs, `#jets` is a name, and ` # jets` behind one a comment.
    if line[position] == Byte.hash, separator == .blanks { break }
    guard let word = headerWord(line, from: &position, before: separator, dialect) else { return nil }
    words.append(word)
    skipPadding()
    guard let byte = separator.byte else { continue }
    guard position < line.count, line[position] == byte else { break }
    position += 1
    skipPadding()
    if position == line.count { words.append(HeaderWord(text: "", isName: true)) }
  }
  return words.isEmpty ? nil : words
}

/// The word at `position`, which is moved past it, or nil where its quotation marks are out of place.
private func headerWord(
  _ line: Span<UInt8>, from position: inout Int, before separator: TextSeparator, _ dialect: TextDialect
) -> HeaderWord? {
  let start = position
  if line[position] == Byte.quote {
    guard let end = endOfQuoted(line, from: position) else { return nil }
    var name: [UInt8] = []
    position += 1
    while position < end - 1 {
      name.append(line[position])
      // Two quotation marks in a quoted name stand for one.
      position += line[position] == Byte.quote ? 2 : 1
    }
    position = end
    let isAtEnd = position == line.count || Byte.separates(line[position]) || line[position] == Byte.hash
    return isAtEnd ? HeaderWord(text: dialect.text(name.span), isName: true, isQuoted: true) : nil
  }
  while position < line.count, !separator.separates(line[position]) {
    let isComment =
      line[position] == Byte.hash && (separator == .blanks || Byte.isBlank(line[max(start, position - 1)]))
    if isComment, position > start { break }
    position += 1
  }
  var end = position
  while end > start, Byte.isBlank(line[end - 1]) { end -= 1 }
  let name = line.extracting(start..<end)
  // `1;2` and `1.2.3` are values gone wrong, `1st_jet_pt` is a name.
  let hasLetter = name.indices.contains { name[$0] >= 0x80 || Unicode.Scalar(name[$0]).properties.isAlphabetic }
  return HeaderWord(
    text: dialect.text(name), isName: end == start || hasLetter && !isNumber(line, at: start) && !isForeignNumber(name))
}

/// Whether a word consists of numbers as other languages or programs write them, which `parseFloat` does not read: `1.5Q+02` of
/// Fortran, `0x1p-3`, `1.5f`, `1.5;2e3`.
func isForeignNumber(_ word: Span<UInt8>) -> Bool {
  var part = 0
  for index in word.indices where word[index] == UInt8(ascii: ";") {
    guard isNumberOfAnyKind(word.extracting(part..<index)) else { return false }
    part = index + 1
  }
  return part > 0
    ? isNumberOfAnyKind(word.extracting(part..<word.count)) : isForeignNumberAlone(word)
}

private func isNumberOfAnyKind(_ word: Span<UInt8>) -> Bool {
  word.count == 0 || isNumber(word, at: 0) || isForeignNumberAlone(word)
}

private func isForeignNumberAlone(_ word: Span<UInt8>) -> Bool {
  var position = 0
  if position < word.count, word[position] == Byte.minus || word[position] == Byte.plus { position += 1 }
  if position + 2 < word.count, word[position] == Byte.zero, word[position + 1] | 0x20 == UInt8(ascii: "x") {
    return (position + 2..<word.count).allSatisfy { index in
      let byte = word[index] | 0x20
      return byte &- Byte.zero < 10 || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        || [UInt8(ascii: "p"), Byte.minus, Byte.plus | 0x20, Byte.point | 0x20].contains(byte)
    }
  }
  func skipDigits() -> Int {
    let start = position
    while position < word.count, word[position] &- Byte.zero < 10 { position += 1 }
    return position - start
  }
  var digits = skipDigits()
  var hasPoint = false
  if position < word.count, word[position] == Byte.point {
    hasPoint = true
    position += 1
    digits += skipDigits()
  }
  guard digits > 0, position < word.count else { return false }
  let letter = word[position] | 0x20
  position += 1
  if letter == UInt8(ascii: "f") || letter == UInt8(ascii: "l") { return hasPoint && position == word.count }
  guard letter == UInt8(ascii: "d") || letter == UInt8(ascii: "q") else { return false }
  if position < word.count, word[position] == Byte.minus || word[position] == Byte.plus { position += 1 }
  return skipDigits() > 0 && position == word.count
}

/// The position of the first byte from `position` on that is not a blank.
func startOfWord(_ line: Span<UInt8>, from position: Int) -> Int {
  var position = position
  while position < line.count, Byte.isBlank(line[position]) { position += 1 }
  return position
}

private func hasOutsideQuotes(_ byte: UInt8, _ line: Span<UInt8>) -> Bool {
  var isQuoted = false
  for index in line.indices {
    if line[index] == Byte.quote { isQuoted.toggle() }
    if line[index] == byte, !isQuoted { return true }
  }
  return false
}
