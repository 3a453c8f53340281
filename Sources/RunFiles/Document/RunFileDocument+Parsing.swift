import Machine
import Yams

extension RunFileDocument {
  /// Where a YAML text comes from.
  enum Source {
    case file(String)
    case override(String)

    /// The place of `mark` for an error. An override is short enough to do without.
    func place(_ mark: Mark?) -> String {
      switch self {
      case .file(let name): "\(name):\(mark?.description ?? "1:1")"
      case .override(let text): text
      }
    }

    /// The line of `mark` in brackets.
    func line(_ mark: Mark) -> String {
      switch self {
      case .file: " (from line \(mark.line))"
      case .override: ""
      }
    }
  }

  /// The tree of `yaml`, or nil where it holds nothing.
  static func parse(_ yaml: String, of source: Source) throws(RunFileError) -> Node? {
    do {
      guard try AliasExtent(of: yaml).isWithin(size: RunFileText.largestSize, depth: AliasExtent.mostLevels) else {
        throw RunFileError(source.place(nil), "its aliases (*…) stand for too much; write out what is meant")
      }
      // Without rules of its own the parser leaves every plain value a text, and our readers decide: its rules are
      // YAML 1.1, where `no` is false and 1:30 is ninety.
      return try Yams.compose(yaml: yaml, .basic, .default, .utf8)
    } catch let error as RunFileError {
      throw error
    } catch let error as YamlError {
      switch error {
      case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
        .composer(let context, let problem, let mark, _):
        let start = context.map { "\($0.text)\(source.line($0.mark)), " } ?? ""
        throw RunFileError(source.place(mark), message(problem, start))
      case .duplicatedKeysInMapping(let keys, let context):
        let key = (keys.min() ?? "").quoted
        throw RunFileError(
          source.place(context.mark), "the key \(key) occurs more than once in this section, here first; keep one")
      default:
        throw RunFileError(source.place(nil), "the YAML cannot be parsed: \("\(error)".quoted)")
      }
    } catch {
      throw RunFileError(source.place(nil), "the YAML cannot be parsed: \("\(error)".quoted)")
    }
  }

  /// What the parser says, with advice. `start` says what it was doing.
  private static func message(_ problem: String, _ start: String) -> String {
    if problem.hasPrefix("Maximum nesting level") { return "nested too deeply; a run file needs five levels" }
    let advice =
      switch problem {
      case "found character that cannot start any token": "put the text in quotes, and indent with spaces, not tabs"
      case "but found another document": "keep one, without lines of three dashes"
      case "found undefined alias": "write the anchor above it, or put a text that starts with * in quotes"
      default: "check indentation, colons, brackets and quotes"
      }
    return "\(start)\(problem); \(advice)"
  }
}
