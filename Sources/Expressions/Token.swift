/// A token of an expression.
struct Token {
  enum Kind: Equatable {
    case number(Double)
    case name(String)
    /// An operator, a bracket or a comma.
    case symbol(String)
    case end
  }
  let kind: Kind
  /// The range of its characters (Unicode scalars), counted from 0.
  let range: Range<Int>
}

/// Splits the text of an expression into tokens.
///
/// Names consist of letters, digits, `_` and inner `.`; any other name is written in backticks, as in pandas' `query`: `` `jet pt` ``.
/// A backtick in a name is doubled.
struct Lexer {
  private let text: String
  private let scalars: [Unicode.Scalar]
  private var position = 0

  /// More tokens than any realistic expression has; the parser is recursive.
  private static let most = 2000

  init(_ text: String) {
    self.text = text
    scalars = Array(text.unicodeScalars.prefix(Self.longest + 1))
  }

  /// More characters than any realistic expression has.
  private static let longest = 100_000

  static func tokens(of text: String) throws(ExpressionError) -> [Token] {
    var lexer = Lexer(text)
    guard lexer.scalars.count <= longest else {
      throw lexer.error(
        longest..<longest, "an expression of more than \(longest) characters", "split it into several definitions")
    }
    var tokens: [Token] = []
    repeat {
      tokens.append(try lexer.next())
      guard tokens.count <= most else {
        throw lexer.error(
          tokens[most].range, "an expression of more than \(most) words", "split it into several definitions")
      }
    } while tokens.last?.kind != .end
    return tokens
  }

  private func error(_ range: Range<Int>, _ what: String, _ advice: String) -> ExpressionError {
    ExpressionError(text: text, range: range, what: what, advice: advice)
  }

  private mutating func next() throws(ExpressionError) -> Token {
    while position < scalars.count, scalars[position].properties.isWhitespace { position += 1 }
    let start = position
    guard start < scalars.count else { return Token(kind: .end, range: start..<start) }
    let first = scalars[start]
    if first.isDigit || first == "." && isDigit(start + 1) { return try number(from: start) }
    if first.beginsName {
      while position < scalars.count,
        scalars[position].continuesName
          || scalars[position] == "." && position + 1 < scalars.count && scalars[position + 1].continuesName
      { position += 1 }
      return Token(kind: .name(spelled(start..<position)), range: start..<position)
    }
    if first == "`" {
      guard let name = quotedName(from: start) else {
        throw error(start..<start + 1, "an unclosed backtick", "put the name between two backticks: `jet pt`")
      }
      guard !name.isEmpty else {
        throw error(start..<position, "backticks without a name", "put the name between two backticks: `jet pt`")
      }
      return Token(kind: .name(name), range: start..<position)
    }
    for symbol in ["**", "<=", ">=", "==", "!=", "&&", "||", "<", ">", "+", "-", "*", "/", "(", ")", ",", "!"]
    where spelled(start..<min(start + symbol.utf8.count, scalars.count)) == symbol {
      position += symbol.utf8.count
      return Token(kind: .symbol(symbol), range: start..<position)
    }
    throw error(start..<start + 1, "unexpected '\(first)'", Self.advice(on: first))
  }

  /// Reads a name in backticks; nil if it has no end.
  private mutating func quotedName(from start: Int) -> String? {
    var (index, name) = (start + 1, String.UnicodeScalarView())
    while index < scalars.count {
      if scalars[index] == "`" {
        guard index + 1 < scalars.count, scalars[index + 1] == "`" else { break }
        index += 1
      }
      name.append(scalars[index])
      index += 1
    }
    guard index < scalars.count else { return nil }
    position = index + 1
    return String(name)
  }

  private static func advice(on scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "=": "write == to compare"
    case "&": "write 'and' or '&&'"
    case "|": "write 'or' or '||'"
    case "~": "write 'not' or '!'"
    case "^": "write ** for a power"
    case "[", "]", "{", "}": "write round brackets"
    case "\"", "'": "write names without quotation marks, or in backticks: `jet pt`"
    default: "remove it, or put the name it belongs to in backticks: `jet pt`"
    }
  }

  private mutating func number(from start: Int) throws(ExpressionError) -> Token {
    func digits() { while isDigit(position) { position += 1 } }
    digits()
    if position < scalars.count, scalars[position] == "." {
      position += 1
      digits()
    }
    if position < scalars.count, scalars[position] == "e" || scalars[position] == "E" {
      let hasSign = position + 1 < scalars.count && (scalars[position + 1] == "+" || scalars[position + 1] == "-")
      if isDigit(position + (hasSign ? 2 : 1)) {
        position += hasSign ? 2 : 1
        digits()
      }
    }
    let isCut = position < scalars.count && (scalars[position].continuesName || scalars[position] == ".")
    guard !isCut, let value = Double(spelled(start..<position)), value.isFinite else {
      while position < scalars.count, scalars[position].continuesName || scalars[position] == "." { position += 1 }
      throw error(
        start..<position, "'\(spelled(start..<position))' is not a valid number, or too large for a double",
        "write a number such as 0.5 or 1e3; a name that begins with a digit goes in backticks")
    }
    return Token(kind: .number(value), range: start..<position)
  }

  private func isDigit(_ index: Int) -> Bool { index < scalars.count && scalars[index].isDigit }

  private func spelled(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
  fileprivate var beginsName: Bool { properties.isAlphabetic || self == "_" }
  fileprivate var continuesName: Bool { beginsName || isDigit }
}

extension String {
  /// The name as written in an expression: in backticks if it is not a plain identifier.
  var spelled: String {
    let plain = try? Lexer.tokens(of: self)
    let isWord = ["and", "or", "not"].contains(self)
    return !isWord && plain?.count == 2 && plain?[0].kind == .name(self) && !hasPrefix("`")
      ? self : "`\(unicodeScalars.map { $0 == "`" ? "``" : String($0) }.joined())`"
  }
}
