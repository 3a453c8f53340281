import Machine

/// The definitions of derived variables in a run file: named expressions, and the objects they can refer to.
///
/// `Parser` defines the grammar, `Function` the functions.
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

  /// Any unknown name is taken as a column, to be found in the file. `columns` are columns even if an object has the same name.
  public init(objects: [EventObject], definitions: [Definition], columns: [String] = []) {
    self.objects = objects
    self.definitions = definitions
    self.columns = columns
  }

  /// The program that computes, for each event, the values of `outputs`, then for each term of `selection` (two for `a and b`) whether it
  /// is true: 1, 0, or NaN if it depends on a missing value. `outputs` are expressions of columns and definitions.
  public func program(for outputs: [Definition], selection: String? = nil) throws(DefinitionError) -> Program {
    var lowering = try lowering()
    var nodes: [Int] = []
    for output in outputs { nodes.append(try lowering.output(output.text, named: output.name)) }
    if let selection {
      for term in try Self.syntax(ofSelection: selection).conjuncts {
        nodes.append(try lowering.condition(term, of: selection, named: Self.selectionName))
      }
    }
    return Program(lowering.graph, nodes)
  }

  /// Makes sure that these definitions are objects, or sums of objects: `hbb: jet1 + jet2`.
  public func requireObjects(_ names: [String]) throws(DefinitionError) {
    var lowering = try lowering()
    for name in names { try lowering.requireObject(name) }
  }

  private func lowering() throws(DefinitionError) -> Lowering {
    try Lowering(objects: objects, definitions: definitions.map { ($0.name, $0.text) }, columns: columns)
  }

  /// The names that an expression has, of columns, definitions and objects; none where it is wrong.
  public static func names(in text: String) -> [String] { (try? Parser.syntax(of: text))?.names ?? [] }

  /// The name of a column or definition as written in an expression: in backticks if it is not a plain identifier.
  public static func spelled(_ name: String) -> String { name.spelled }

  /// The name of a selection in errors.
  public static let selectionName = "selection"

  /// The terms of a selection as written.
  public static func terms(ofSelection text: String) throws(DefinitionError) -> [String] {
    try syntax(ofSelection: text).conjuncts.map { Graph.Origin(text: text, range: $0.range).snippet }
  }

  /// More conditions than any realistic selection has.
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
