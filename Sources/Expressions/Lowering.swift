import KernelOperands
import Machine

/// Turns expressions into a graph of operations on numbers.
struct Lowering {
  var graph = Graph()
  let objects: [String: EventObject]
  let objectNames: [String]
  let definitions: [String: Syntax]
  let texts: [String: String]
  /// The definitions already lowered, and those being lowered: a reference to one of the latter is circular.
  private var done: [String: Value] = [:]
  private(set) var open: [String] = []
  /// The names that are columns even if an object has the same name.
  private let columns: Set<String>
  var text = ""

  /// More objects than any realistic sum has.
  static let mostParts = 32

  /// The nesting depth of the value being lowered, limited to protect the stack.
  private var depth = 0
  private static let mostNested = 1500

  /// A longer chain of definitions than any realistic run file has.
  private static let deepest = 100

  init(objects: [EventObject], definitions: [(name: String, text: String)], columns: [String]) throws(DefinitionError) {
    self.objects = Dictionary(objects.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    objectNames = objects.map(\.name)
    var (trees, texts) = ([String: Syntax](), [String: String]())
    for (name, text) in definitions {
      do throws(ExpressionError) { trees[name] = try Parser.syntax(of: text) } catch {
        throw DefinitionError(name: name, error: error)
      }
      texts[name] = text
    }
    (self.definitions, self.texts) = (trees, texts)
    self.columns = Set(columns)
  }

  /// The value of an expression.
  enum Value: Sendable {
    case number(Int)
    case truth(Int)
    /// The sum of these objects.
    case object([EventObject])

    var typeName: String {
      switch self {
      case .number: "a number"
      case .truth: "true or false"
      case .object: "an object"
      }
    }
  }

  /// The node of an expression that is a number or a truth value.
  mutating func output(_ text: String, named name: String) throws(DefinitionError) -> Int {
    self.text = text
    do throws(ExpressionError) { return try number(Parser.syntax(of: text)) } catch {
      throw DefinitionError(name: open.last ?? name, error: error)
    }
  }

  /// The node of an expression that is true or false.
  mutating func condition(_ syntax: Syntax, of text: String, named name: String) throws(DefinitionError) -> Int {
    self.text = text
    do throws(ExpressionError) { return try truth(syntax) } catch {
      throw DefinitionError(name: open.last ?? name, error: error)
    }
  }

  mutating func definition(_ name: String, from place: Graph.Origin) throws(ExpressionError) -> Value {
    if let value = done[name] { return value }
    guard let syntax = definitions[name] else { preconditionFailure("a name that is defined") }
    if let first = open.firstIndex(of: name) {
      let circle = (open[first...] + [name]).map(\.spelled).joined(separator: " → ")
      throw ExpressionError(
        text: place.text, range: place.range,
        what: open.last == name ? "\(name.spelled) is defined in terms of itself" : "circular definitions: \(circle)",
        advice: "break the circle (a definition cannot have the name of a column that it uses)")
    }
    guard open.count < Self.deepest else {
      throw ExpressionError(
        text: place.text, range: place.range,
        what: "a chain of more than \(Self.deepest) definitions",
        advice: "merge some of them")
    }
    let outer = text
    text = texts[name] ?? ""
    open.append(name)
    let value = try self.value(syntax)
    open.removeLast()
    text = outer
    done[name] = value
    return value
  }

  // MARK: Values

  func error(_ syntax: Syntax, _ what: String, _ advice: String) -> ExpressionError {
    ExpressionError(text: text, range: syntax.range, what: what, advice: advice)
  }

  func origin(_ syntax: Syntax) -> Graph.Origin { Graph.Origin(text: text, range: syntax.range) }

  /// The node of a number; truth values are 1 and 0.
  mutating func number(_ syntax: Syntax) throws(ExpressionError) -> Int { try number(value(syntax), syntax) }

  /// The node of a value of this expression.
  private mutating func number(_ value: Value, _ syntax: Syntax) throws(ExpressionError) -> Int {
    switch value {
    case .number(let node), .truth(let node): return node
    case .object(let parts):
      // A column may have the same name as an object; for the missing transverse momentum this is common.
      if case .name(let name) = syntax.kind, columns.contains(name) { return graph.column(name, origin(syntax)) }
      let name = parts.count == 1 ? parts[0].name : "jet1"
      throw error(
        syntax, "an object where a number is needed",
        "use one of its numbers: \(name)_pt, mass(…), pt(…); to name a sum of objects, add it to data.derived.objects")
    }
  }

  mutating func truth(_ syntax: Syntax) throws(ExpressionError) -> Int {
    let value = try value(syntax)
    guard case .truth(let node) = value else {
      throw error(
        syntax, "\(value.typeName) where a condition is needed", "compare it with something, as in n_jets >= 4")
    }
    return node
  }

  mutating func value(_ syntax: Syntax) throws(ExpressionError) -> Value {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.mostNested else {
      throw error(
        syntax, "more than \(Self.mostNested) nested operations", "write shorter definitions")
    }
    switch syntax.kind {
    case .number(let value): return .number(graph.constant(value, origin(syntax)))
    case .name(let name): return try named(name, syntax)
    case .negative(let value):
      return .number(try graph.apply(.negative, [number(value)], origin(syntax)))
    case .not(let value): return .truth(try graph.apply(.not, [truth(value)], origin(syntax)))
    case .binary(let operation, let first, let second): return try binary(operation, first, second, syntax)
    case .call(let name, let arguments):
      guard let function = Function.named(name) else {
        let near = nearest(to: name, in: Function.names).map { "did you mean \($0)? " } ?? ""
        throw error(
          syntax, "there is no function \(name.spelled)", "\(near)known: \(Function.names.joined(separator: ", "))")
      }
      return try call(function, name, arguments, syntax)
    }
  }

  private mutating func named(_ name: String, _ syntax: Syntax) throws(ExpressionError) -> Value {
    if definitions[name] != nil { return try definition(name, from: origin(syntax)) }
    if let object = objects[name] { return .object([object]) }
    return .number(graph.column(name, origin(syntax)))
  }

  private mutating func binary(
    _ operation: Operator, _ first: Syntax, _ second: Syntax, _ whole: Syntax
  ) throws(ExpressionError) -> Value {
    let place = origin(whole)
    switch operation {
    case .and: return .truth(try graph.apply(.and, [truth(first), truth(second)], place))
    case .or: return .truth(try graph.apply(.or, [truth(first), truth(second)], place))
    case .less: return .truth(try graph.apply(.less, [number(first), number(second)], place))
    case .atMost: return .truth(try graph.apply(.atMost, [number(first), number(second)], place))
    case .more:
      let (a, b) = (try number(first), try number(second))
      return .truth(try graph.apply(.less, [b, a], place))
    case .atLeast:
      let (a, b) = (try number(first), try number(second))
      return .truth(try graph.apply(.atMost, [b, a], place))
    case .equal: return .truth(try graph.apply(.equal, [number(first), number(second)], place))
    case .unequal: return .truth(try graph.apply(.unequal, [number(first), number(second)], place))
    case .plus:
      let (a, b) = (try value(first), try value(second))
      if case .object(let left) = a, case .object(let right) = b {
        guard left.count + right.count <= Self.mostParts else {
          throw error(whole, "a sum of more than \(Self.mostParts) objects", "add fewer objects")
        }
        return .object(left + right)
      }
      return .number(try graph.apply(.sum, [number(a, first), number(b, second)], place))
    case .minus: return .number(try graph.apply(.difference, [number(first), number(second)], place))
    case .times: return .number(try graph.apply(.product, [number(first), number(second)], place))
    case .over:
      let (dividend, divisor) = (try number(first), try number(second))
      if graph.value(of: divisor) == 0 { throw error(whole, "division by zero", "divide by something else") }
      return .number(try graph.apply(.quotient, [dividend, divisor], place))
    case .power: return .number(try power(number(first), number(second), place))
    }
  }

  /// Small integer powers are computed as products, and the power ½ as a square root, as in numpy.
  mutating func power(_ base: Int, _ exponent: Int, _ place: Graph.Origin) throws(ExpressionError) -> Int {
    switch graph.value(of: exponent) {
    case 1: return base
    case 2: return try graph.apply(.product, [base, base], place)
    case 3: return try graph.apply(.product, [graph.apply(.product, [base, base], place), base], place)
    case 0.5: return try graph.apply(.squareRoot, [base], place)
    case -1: return try graph.apply(.quotient, [graph.constant(1, place), base], place)
    default: return try graph.apply(.power, [base, exponent], place)
    }
  }
}
