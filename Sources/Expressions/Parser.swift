/// Reads an expression:
///
///     or      and ('or' and)*                     also ||
///     and     not ('and' not)*                    also &&
///     not     'not' not | comparison              also !
///     compare sum (('<' | '<=' | '>' | '>=' | '==' | '!=') sum)*    a < b < c means a < b and b < c, as in Python
///     sum     product (('+' | '-') product)*
///     product sign (('*' | '/') sign)*
///     sign    ('-' | '+') sign | power
///     power   value ('**' sign)?                  -x ** 2 is -(x ** 2), as in Python
///     value   number | name | name '(' or (',' or)* ')' | '(' or ')'
struct Parser {
  private let text: String
  private let tokens: [Token]
  private var position = 0
  /// The number of open brackets, signs and powers.
  private var depth = 0
  /// More than any realistic expression has.
  private static let deepest = 100

  static func syntax(of text: String) throws(ExpressionError) -> Syntax {
    var parser = Parser(text: text, tokens: try Lexer.tokens(of: text))
    guard parser.tokens.count > 1 else {
      throw ExpressionError(
        text: text, range: 0..<0, what: "the expression is empty", advice: "write one, such as lep_pt > 30")
    }
    let syntax = try parser.or()
    guard case .end = parser.token.kind else { throw parser.unexpected() }
    return syntax
  }

  private init(text: String, tokens: [Token]) {
    self.text = text
    self.tokens = tokens
  }

  private var token: Token { tokens[position] }

  private func error(_ range: Range<Int>, _ what: String, _ advice: String) -> ExpressionError {
    ExpressionError(text: text, range: range, what: what, advice: advice)
  }

  /// The error for an unexpected token.
  private func unexpected() -> ExpressionError {
    switch token.kind {
    case .end:
      error(token.range, "the expression ends where a value is needed", "complete it, or remove the operator before it")
    case .number, .name:
      error(token.range, "no operator before this value", "put one between the two: +, *, >, and, …")
    case .symbol(")"): error(token.range, "an unmatched ')'", "remove it, or add the '(' before it")
    case .symbol(","):
      error(
        token.range, "a comma outside a function's brackets",
        "use decimal points in numbers, and 'and' between conditions")
    case .symbol(let symbol):
      error(token.range, "'\(symbol)' where a value is needed", "write a number or a name there")
    }
  }

  private mutating func take(_ words: String...) -> Token? {
    switch token.kind {
    case .symbol(let word) where words.contains(word), .name(let word) where words.contains(word) && isWord(word):
      defer { position += 1 }
      return token
    default: return nil
    }
  }

  /// Whether the token is the keyword itself, not a name in backticks.
  private func isWord(_ word: String) -> Bool { token.range.count == word.unicodeScalars.count }

  private mutating func or() throws(ExpressionError) -> Syntax {
    var first = try and()
    while take("or", "||") != nil { first = Self.binary(.or, first, try and()) }
    return first
  }

  private mutating func and() throws(ExpressionError) -> Syntax {
    var first = try not()
    while take("and", "&&") != nil { first = Self.binary(.and, first, try not()) }
    return first
  }

  private mutating func not() throws(ExpressionError) -> Syntax {
    guard let word = take("not", "!") else { return try comparison() }
    let value = try nested { parser throws(ExpressionError) in try parser.not() }
    return Syntax(kind: .not(value), range: word.range.lowerBound..<value.range.upperBound)
  }

  private mutating func comparison() throws(ExpressionError) -> Syntax {
    var last = try sum()
    var all: Syntax?
    while let symbol = take("<", "<=", ">", ">=", "==", "!="), let comparison = Operator(symbol, in: text) {
      let next = try sum()
      let pair = Self.binary(comparison, last, next)
      all = all.map { Self.binary(.and, $0, pair) } ?? pair
      last = next
    }
    return all ?? last
  }

  private mutating func sum() throws(ExpressionError) -> Syntax {
    var first = try product()
    while let symbol = take("+", "-") {
      first = Self.binary(Operator(symbol, in: text) ?? .plus, first, try product())
    }
    return first
  }

  private mutating func product() throws(ExpressionError) -> Syntax {
    var first = try sign()
    while let symbol = take("*", "/") {
      first = Self.binary(Operator(symbol, in: text) ?? .times, first, try sign())
    }
    return first
  }

  private mutating func sign() throws(ExpressionError) -> Syntax {
    if let symbol = take("-") {
      let value = try nested { parser throws(ExpressionError) in try parser.sign() }
      return Syntax(kind: .negative(value), range: symbol.range.lowerBound..<value.range.upperBound)
    }
    if take("+") != nil { return try nested { parser throws(ExpressionError) in try parser.sign() } }
    return try power()
  }

  private mutating func power() throws(ExpressionError) -> Syntax {
    let base = try value()
    guard take("**") != nil else { return base }
    return Self.binary(.power, base, try nested { parser throws(ExpressionError) in try parser.sign() })
  }

  private mutating func value() throws(ExpressionError) -> Syntax {
    let first = token
    switch first.kind {
    case .number(let number):
      position += 1
      return Syntax(kind: .number(number), range: first.range)
    case .name(let name):
      if ["and", "or", "not"].contains(name), isWord(name) {
        throw error(first.range, "'\(name)' where a value is needed", "write a number or a name there")
      }
      position += 1
      guard take("(") != nil else { return Syntax(kind: .name(name), range: first.range) }
      var arguments: [Syntax] = []
      if take(")") == nil {
        repeat {
          arguments.append(try nested { parser throws(ExpressionError) in try parser.or() })
        } while take(",") != nil
        try close(first, "the brackets of '\(name)'")
      }
      return Syntax(kind: .call(name, arguments), range: first.range.lowerBound..<tokens[position - 1].range.upperBound)
    case .symbol("("):
      position += 1
      let inner = try nested { parser throws(ExpressionError) in try parser.or() }
      try close(first, "a bracket")
      return Syntax(kind: inner.kind, range: first.range.lowerBound..<tokens[position - 1].range.upperBound)
    case .symbol, .end: throw unexpected()
    }
  }

  private mutating func close(_ open: Token, _ what: String) throws(ExpressionError) {
    guard take(")") == nil else { return }
    guard case .end = token.kind else { throw unexpected() }
    throw error(open.range, "\(what) \(what.hasPrefix("the") ? "are" : "is") not closed", "add the missing ')'")
  }

  private mutating func nested(
    _ read: (inout Parser) throws(ExpressionError) -> Syntax
  ) throws(ExpressionError) -> Syntax {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      throw error(token.range, "more than \(Self.deepest) levels of brackets", "split it into several definitions")
    }
    return try read(&self)
  }

  private static func binary(_ operation: Operator, _ first: Syntax, _ second: Syntax) -> Syntax {
    Syntax(
      kind: .binary(operation, first, second), range: first.range.lowerBound..<second.range.upperBound)
  }
}

extension Operator {
  /// The operator that a symbol denotes.
  fileprivate init?(_ token: Token, in text: String) {
    guard case .symbol(let symbol) = token.kind else { return nil }
    self.init(rawValue: symbol)
  }
}
