import ArgumentParser
import Machine
import NeuralNetwork
import RunFiles

/// `--section.key=value` on the command line, for any key of the run file.
struct Overrides: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Replace one value of the run file; --training.epochs=5 is short for --set training.epochs=5.",
      valueName: "section.key=value"))
  var assignments: [String] = []

  /// Top-level keys of a run file, except those that are also options of a command (data, output).
  private static let sections: Set<Substring> = ["name", "split", "network", "training", "evaluation", "safety"]

  /// Keys and values in their order.
  var pairs: [(key: String, value: String)] {
    assignments.map { assignment in
      let key = assignment.beforeEquals
      return (key: String(key), value: assignment.withoutBytes(key.utf8.count + 1))
    }
  }

  func validate() throws {
    for assignment in assignments where assignment.beforeEquals.endIndex == assignment.endIndex {
      throw ValidationError("--\(assignment.abridged()) needs a value: --\(assignment.abridged())=VALUE")
    }
  }

  /// Refuses an argument that the parser would compare with others for minutes.
  static func check(_ arguments: [String]) throws(Failure) {
    guard let argument = arguments.first(where: { !$0.isStreamSafe }) else { return }
    throw Failure(
      .usage,
      "\(argument.quoted): more than \(String.longestRunOfMarks) combining marks (accents) in a row; remove them")
  }

  /// The name in `--name` or `--name=value`, with its dashes, if it is a key of the run file.
  static func name(of argument: String) -> Substring? {
    let name = argument.beforeEquals
    guard name.utf8.starts(with: "--".utf8),
      name.utf8.contains(UInt8(ascii: ".")) || sections.contains(name.dropFirst(2))
    else { return nil }
    return name
  }

  /// Turns `--training.epochs=5` and `--training.epochs 5` into `--set training.epochs=5`, which the parser knows.
  static func rewritten(_ arguments: [String]) -> [String] {
    var rewritten: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" { return rewritten + [argument] + rest }
      // Other commands know nothing of them, and benchmark has a `--network` of its own.
      guard let name = name(of: argument), CommandTable.takes(override: name, arguments) else {
        rewritten.append(argument)
        continue
      }
      if name.endIndex < argument.endIndex {
        rewritten += ["--set", argument.withoutBytes(2)]
      } else if let value = rest.first, !value.hasPrefix("--") {
        rewritten += ["--set", "\(argument.withoutBytes(2))=\(value)"]
        rest = rest.dropFirst()
      } else {
        rewritten += ["--set", argument.withoutBytes(2)]
      }
    }
    return rewritten
  }
}

extension String {
  /// The text without its first bytes.
  fileprivate func withoutBytes(_ count: Int) -> String { String(Substring(utf8.dropFirst(count))) }

  /// The part before the first `=`, or all. Searched by bytes: a character can be as long as the argument.
  fileprivate var beforeEquals: Substring { self[..<(utf8.firstIndex(of: UInt8(ascii: "=")) ?? endIndex)] }
}
