import ArgumentParser
import NeuralNetwork
import RunFiles

/// `--section.key=value` on the command line, for any key of the run file.
struct Overrides: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Replaces one value of the run file. '--training.epochs=5' is short for '--set training.epochs=5'.",
      valueName: "section.key=value"))
  var assignments: [String] = []

  /// Keys of a run file without a dot, but for those that are options of a command too (data, output).
  private static let sections: Set<Substring> = ["name", "split", "network", "training", "safety"]

  /// Keys and values in their order.
  var pairs: [(key: String, value: String)] {
    assignments.map { assignment in
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (key: String(parts[0]), value: String(parts[1]))
    }
  }

  func validate() throws {
    for assignment in assignments where !assignment.contains("=") {
      throw ValidationError("'\(assignment)' has no value; write --\(assignment)=VALUE")
    }
  }

  /// Turns `--training.epochs=5` and `--training.epochs 5` into `--set training.epochs=5`, which the parser knows.
  static func rewritten(_ arguments: [String]) -> [String] {
    // It has no run file, and `--network` is an option of its own.
    if arguments.first == BenchmarkCommand.configuration.commandName { return arguments }
    var rewritten: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" { return rewritten + [argument] + rest }
      let name = argument.prefix { $0 != "=" }
      guard name.hasPrefix("--"), name.contains(".") || sections.contains(name.dropFirst(2)) else {
        rewritten.append(argument)
        continue
      }
      if name.count < argument.count {
        rewritten += ["--set", String(argument.dropFirst(2))]
      } else if let value = rest.first, !value.hasPrefix("--") {
        rewritten += ["--set", "\(argument.dropFirst(2))=\(value)"]
        rest = rest.dropFirst()
      } else {
        rewritten += ["--set", String(argument.dropFirst(2))]
      }
    }
    return rewritten
  }
}
