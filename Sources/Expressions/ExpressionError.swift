import Machine

/// An error in an expression: what, where in the text, and what to do.
public struct ExpressionError: Error, Equatable, CustomStringConvertible {
  /// The text of the expression.
  public let text: String
  /// The faulty characters, counted from 0; empty and after the last one at the end of the text.
  public let range: Range<Int>
  public let what: String
  public let advice: String

  /// `character 4 of "a >> 3": what; advice`.
  public var description: String {
    "character \(range.lowerBound + 1) of \"\(text.abridged(to: 80))\": \(what); \(advice)".onOneLine
  }
}
