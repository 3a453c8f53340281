import Machine
import YAML

extension RunFileDocument {
  /// Where a YAML text comes from.
  enum Source {
    case file(String)
    case override(String)

    /// The place of `mark` for an error. An override is short enough to do without line and column.
    func place(_ mark: YAMLMark) -> String {
      switch self {
      case .file(let name): "\(name):\(mark)"
      case .override(let text): text
      }
    }

    /// What `phrase` says of the line of `mark`; nothing for an override.
    func line(_ mark: YAMLMark, _ phrase: (Int) -> String) -> String {
      switch self {
      case .file: phrase(mark.line)
      case .override: ""
      }
    }
  }

  /// The tree of `yaml`, or nil if the text has only blanks and comments.
  static func parse(_ yaml: String, of source: Source) throws(RunFileError) -> YAMLNode? {
    do { return try YAMLNode.parse(yaml) } catch {
      throw RunFileError(source.place(error.mark), message(error.problem, source))
    }
  }

  /// What is wrong, and what to do.
  private static func message(_ problem: YAMLError.Problem, _ source: Source) -> String {
    switch problem {
    case .syntax(let problem, let activity):
      let context = activity.map { "\($0.name)\(source.line($0.start) { " (from line \($0))" }), " } ?? ""
      return "\(context)\(problem); \(advice(problem))"
    case .directive: return "directives (lines that start with %) are not supported; remove the line"
    case .anchor(let name):
      return
        "anchors such as \("&\(name)".quoted) are not supported; remove it, and put a text that starts with & in quotes"
    case .alias(let name):
      return
        "aliases such as \("*\(name)".quoted) are not supported; repeat the value, or put a text that starts with * in quotes"
    case .tooDeep: return "nested more than \(YAMLNode.deepestLevel) levels deep; a run file needs five"
    case .tooManyValues:
      return "more than \(YAMLNode.mostValues) keys and values; a run file has some hundred"
    case .anotherDocument:
      return "a second document starts here; keep one, without lines of three dashes or dots"
    case .duplicateKey(let key, let first):
      return
        "the key \(key.quoted) occurs twice in this section\(source.line(first) { ", first in line \($0)" }); keep one"
    case .trailingText: return "more text follows the end of the value; remove it, or put the whole value in quotes"
    case .tooManyMarks: return "more than \(String.longestRunOfMarks) combining marks (accents) in a row; remove them"
    case .keyIsNoText: return "this key is a list or a section; give a name, such as 'training'"
    case .taggedKey(let tag): return "this key is tagged \(tag.quoted); remove the tag"
    case .outOfMemory: return "there is not enough memory to read it; free some"
    }
  }

  /// What to do about a syntax error.
  private static func advice(_ problem: String) -> String {
    switch problem {
    case "found character that cannot start any token": "put the text in quotes, and indent with spaces, not tabs"
    default: "check indentation, colons, brackets and quotes"
    }
  }
}
