import ArgumentParser
import FoundationEssentials

/// What the commands take, as the argument parser knows it.
struct CommandTable: Decodable {
  /// A command or the program itself.
  struct Command: Decodable {
    var commandName: String
    var subcommands: [Command]?
    var arguments: [Argument]?

    /// The option of this name, which is `--name` or `-n`.
    func option(_ name: Substring) -> Argument? { arguments?.first { $0.spellings.contains(String(name)) } }

    var positional: [Argument] { arguments?.filter { $0.kind == "positional" } ?? [] }

    /// The names of all options, without their dashes.
    var optionNames: [String] {
      arguments?.flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name) ?? []
    }

    /// Whether keys of the run file can be replaced.
    var takesOverrides: Bool { option("--set") != nil && commandName != Evaluate._commandName }

    /// Whether this one can be, in `--evaluation.signal=x`.
    func takes(override name: Substring) -> Bool {
      takesOverrides || commandName == Evaluate._commandName && Evaluate.takes(override: name)
    }
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }
    /// "positional", "option" or "flag".
    var kind: String
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var allValues: [String]?

    var spellings: [String] { names?.map { $0.kind == "short" ? "-\($0.name)" : "--\($0.name)" } ?? [] }
  }

  private var command: Command

  /// Built only when a command line is wrong, as this takes longer than the rest of the start. nil if the parser describes
  /// itself differently from the version that this was written for.
  static let current: CommandTable? = {
    try? JSONDecoder().decode(CommandTable.self, from: Data(DistTrain._dumpHelp().utf8))
  }()

  /// The names of the commands.
  static let names = DistTrain.configuration.subcommands.map { $0._commandName } + ["help"]

  /// Whether the command that `arguments` start with, or the default one, takes keys of the run file.
  static func takesOverrides(_ arguments: [String]) -> Bool {
    guard let first = arguments.first, names.contains(first) else { return true }
    return [Train._commandName, Check._commandName].contains(first)
  }

  /// Whether it takes this one.
  static func takes(override name: Substring, _ arguments: [String]) -> Bool {
    takesOverrides(arguments) || arguments.first == Evaluate._commandName && Evaluate.takes(override: name)
  }

  /// The command that `arguments` start with, or the default one, and the arguments behind it.
  func command(of arguments: [String]) -> (command: Command, rest: ArraySlice<String>)? {
    let named = command.subcommands?.first { $0.commandName == arguments.first }
    let standard = command.subcommands?.first { $0.commandName == Train._commandName }
    guard let command = named ?? standard else { return nil }
    return (command, named == nil ? arguments[...] : arguments.dropFirst())
  }
}
