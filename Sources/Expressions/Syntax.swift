/// The syntax tree of an expression, as built by `Parser`.
struct Syntax: Sendable {
  indirect enum Kind: Sendable {
    case number(Double)
    /// A column, a definition or an object.
    case name(String)
    case negative(Syntax)
    case not(Syntax)
    case binary(Operator, Syntax, Syntax)
    case call(String, [Syntax])
  }
  let kind: Kind
  /// The range of its characters (Unicode scalars) in the text, counted from 0.
  let range: Range<Int>
}

/// A binary operator.
enum Operator: String, Sendable {
  case or, and
  case less = "<"
  case atMost = "<="
  case more = ">"
  case atLeast = ">="
  case equal = "=="
  case unequal = "!="
  case plus = "+"
  case minus = "-"
  case times = "*"
  case over = "/"
  case power = "**"
}

extension Syntax {
  /// The terms of a conjunction: `a and b and c` has three.
  var conjuncts: [Syntax] {
    if case .binary(.and, let first, let second) = kind { return first.conjuncts + second.conjuncts }
    return [self]
  }

  /// All names used as values or objects, each once, in order of appearance.
  var names: [String] {
    var found: [String] = []
    collect(&found)
    var seen = Set<String>()
    return found.filter { seen.insert($0).inserted }
  }

  private func collect(_ names: inout [String]) {
    switch kind {
    case .number: break
    case .name(let name): names.append(name)
    case .negative(let value), .not(let value): value.collect(&names)
    case .binary(_, let first, let second):
      first.collect(&names)
      second.collect(&names)
    case .call(_, let arguments): for argument in arguments { argument.collect(&names) }
    }
  }
}
