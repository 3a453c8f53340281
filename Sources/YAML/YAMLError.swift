/// Why a text was refused: either it is not YAML, or it uses a part of YAML that this reader does not support.
public struct YAMLError: Error, Equatable {
  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    /// It is not YAML. What is wrong, in the parser's own words.
    case syntax(String, Activity?)
    /// A line that starts with `%`.
    case directive
    /// `&name`
    case anchor(String)
    /// `*name`
    case alias(String)
    /// Lists and sections nested more than `YAMLNode.deepestLevel` deep.
    case tooDeep
    /// More than `YAMLNode.mostValues` keys and values.
    case tooManyValues
    /// A second document.
    case anotherDocument
    /// Text after the end of the value.
    case trailingText
    /// A text or tag that is not `isStreamSafe`: more than `String.longestRunOfMarks` combining marks in a row.
    case tooManyMarks
    /// A key that already occurs in the same section, at `first`.
    case duplicateKey(String, first: YAMLMark)
    /// A list or a section as a key.
    case keyIsNoText
    /// A key with a tag other than `!!str`.
    case taggedKey(String)
    /// The parser found no memory.
    case outOfMemory
  }

  /// What the parser was doing, in its own words, and where it began.
  public struct Activity: Equatable, Sendable {
    public let name: String
    public let start: YAMLMark

    public init(_ name: String, from start: YAMLMark) { (self.name, self.start) = (name, start) }
  }

  public let problem: Problem
  /// Where.
  public let mark: YAMLMark

  init(_ problem: Problem, at mark: YAMLMark) { (self.problem, self.mark) = (problem, mark) }
}
