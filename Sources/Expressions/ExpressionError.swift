import Machine

/// What is wrong with an expression: what, what to do, and where in its text.
public struct ExpressionError: Error, Equatable, CustomStringConvertible {
  /// The text of the expression.
  public let text: String
  /// The characters that are at fault, from 0; empty behind the end.
  public let range: Range<Int>
  public let what: String
  public let advice: String

  /// `character 4 of "a >> 3": what; advice`.
  public var description: String {
    "character \(range.lowerBound + 1) of \"\(text.abridged(to: 80))\": \(what); \(advice)".onOneLine
  }
}
