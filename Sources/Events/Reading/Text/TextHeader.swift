/// The names in a line that heads the columns of a text file.
///
/// They are separated by commas if there is one, else by blanks, and may be quoted as in RFC 4180. A name may be
/// empty, as that of the index column that pandas writes; if not, it has a letter. A line that has a number in it, a
/// quotation mark out of place or no name at all is not such a line: nil.
func columnNames(_ line: Span<UInt8>) -> [String]? {
  let separator = hasCommaOutsideQuotes(line) ? { $0 == Byte.comma } : Byte.isBlank
  var names: [String] = []
  var position = startOfWord(line, from: 0)
  while position < line.count, line[position] != Byte.hash {
    guard let name = columnName(line, from: &position, before: separator) else { return nil }
    names.append(name)
    // On to the next name, over the separator and the blanks around it.
    position = startOfWord(line, from: position)
    guard position < line.count, line[position] == Byte.comma else { continue }
    position = startOfWord(line, from: position + 1)
    if position == line.count || line[position] == Byte.hash { names.append("") }
  }
  return names.allSatisfy(\.isEmpty) ? nil : names
}

/// The name at `position`, which is moved behind it, or nil where there is none.
private func columnName(
  _ line: Span<UInt8>, from position: inout Int, before isSeparator: (UInt8) -> Bool
) -> String? {
  var name: [UInt8] = []
  if line[position] == Byte.quote {
    while true {
      position += 1
      guard position < line.count else { return nil }
      if line[position] == Byte.quote {
        position += 1
        // Two quotation marks in a quoted name stand for one.
        guard position < line.count, line[position] == Byte.quote else { break }
      }
      name.append(line[position])
    }
    let isAtEnd = position == line.count || Byte.separates(line[position]) || line[position] == Byte.hash
    return isAtEnd ? String(decoding: name, as: UTF8.self) : nil
  }
  let start = position
  while position < line.count, !isSeparator(line[position]), line[position] != Byte.hash {
    name.append(line[position])
    position += 1
  }
  while let last = name.last, Byte.isBlank(last) { name.removeLast() }
  // `1;2` and `1.2.3` are values gone wrong, `1st_jet_pt` is a name.
  let hasLetter = name.contains { $0 >= 0x80 || Unicode.Scalar($0).properties.isAlphabetic }
  guard name.isEmpty || hasLetter && !isNumber(line, at: start) else { return nil }
  return String(decoding: name, as: UTF8.self)
}

private func startOfWord(_ line: Span<UInt8>, from position: Int) -> Int {
  var position = position
  while position < line.count, Byte.isBlank(line[position]) { position += 1 }
  return position
}

private func hasCommaOutsideQuotes(_ line: Span<UInt8>) -> Bool {
  var isQuoted = false
  for index in line.indices {
    if line[index] == Byte.quote { isQuoted.toggle() }
    if line[index] == Byte.comma, !isQuoted { return true }
    if line[index] == Byte.hash, !isQuoted { return false }
  }
  return false
}
