import Machine

/// What stands in a run file about variables that are made of columns: named expressions, and the objects that they may name.
///
/// The grammar is that of `Parser`; the functions are those of `Function`.
public struct Definitions: Sendable {
  /// A named expression.
  public struct Definition: Codable, Equatable, Sendable {
    public var name: String
    public var text: String

    public init(name: String, text: String) { (self.name, self.text) = (name, text) }
  }

  private let objects: [EventObject]
  private let definitions: [Definition]
  private let columns: [String]

  /// Any name may be that of a column, whose file knows; `columns` are columns even where an object has the same name.
  public init(objects: [EventObject], definitions: [Definition], columns: [String] = []) {
    self.objects = objects
    self.definitions = definitions
    self.columns = columns
  }

  /// The program that gives, of each event, the values of `outputs`, expressions that may name columns and definitions, and then, for
  /// each term of `selection` (of `a and b`, two), whether it is true: 1, 0, or NaN where something missing decides.
  public func program(for outputs: [Definition], selection: String? = nil) throws(DefinitionError) -> Program {
    var lowering = try Lowering(
      objects: objects, definitions: definitions.map { ($0.name, $0.text) }, columns: columns)
    var nodes: [Int] = []
    for output in outputs { nodes.append(try lowering.output(output.text, named: output.name)) }
    if let selection {
      for term in try Self.syntax(ofSelection: selection).conjuncts {
        nodes.append(try lowering.condition(term, of: selection, named: Self.selectionName))
      }
    }
    return Program(lowering.graph, nodes)
  }

  /// The name of a column or definition as an expression has to spell it: in backticks, if it is not plain.
  public static func spelled(_ name: String) -> String { name.spelled }

  /// The name that errors give a selection.
  public static let selectionName = "selection"

  /// The terms of a selection, as they are written.
  public static func terms(ofSelection text: String) throws(DefinitionError) -> [String] {
    try syntax(ofSelection: text).conjuncts.map { Graph.Origin(text: text, range: $0.range).snippet }
  }

  /// More conditions than a selection that anybody writes has.
  private static let mostTerms = 200

  private static func syntax(ofSelection text: String) throws(DefinitionError) -> Syntax {
    do throws(ExpressionError) {
      let syntax = try Parser.syntax(of: text)
      let terms = syntax.conjuncts
      guard terms.count <= mostTerms else {
        throw ExpressionError(
          text: text, range: terms[mostTerms].range, what: "more than \(mostTerms) conditions",
          advice: "combine some of them in data.derived")
      }
      return syntax
    } catch { throw DefinitionError(name: selectionName, error: error) }
  }
}
