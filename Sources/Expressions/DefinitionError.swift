/// An error in a definition.
public struct DefinitionError: Error, Equatable {
  /// The name of the definition.
  public let name: String
  public let error: ExpressionError

  init(name: String, error: ExpressionError) { (self.name, self.error) = (name, error) }
}
