import Machine
import RunFiles
import Runs

/// What is wrong with a command line, in one line.
struct UsageError: Error {
  let message: String

  /// A first word that is nearly a command, or a key of the run file without its dashes; nil if there is none. A file
  /// of that name is taken as a run file.
  static func mistyped(in arguments: [String]) -> UsageError? {
    guard let first = arguments.first else { return nil }
    let names = CommandTable.names
    if first == "help" {
      guard arguments.count > 1, !names.contains(arguments[1]) else { return nil }
      return UsageError(message: unknown(command: arguments[1], names, arguments.dropFirst(2)))
    }
    if first == "plot", !FileSystem.exists(first), let plot = Invocation.current.plot {
      let words = ([plot] + arguments.dropFirst().map(\.quotedForShell)).joined(separator: " ")
      return UsageError(message: "unknown command 'plot'; a script draws runs: \(words)")
    }
    if !first.hasPrefix("-"), !names.contains(first), !first.contains("."), !first.contains("/"),
      !FileSystem.exists(first),
      nearest(to: first, in: names) != nil || synonyms[first] != nil || isStart(first, of: names)
    {
      return UsageError(message: unknown(command: first, names, arguments.dropFirst()))
    }
    guard CommandTable.takesOverrides(arguments) else { return nil }
    for (before, word) in zip([""] + arguments, arguments)
    where !word.hasPrefix("-") && word.contains("=") && before != "--set" && !FileSystem.exists(word) {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let key = KeySuggestion(parts[0], value: parts[1]) else { continue }
      return UsageError(message: "'\(word)' is not an option; did you mean \(key.text)?")
    }
    return nil
  }

  /// What people call commands that have other names.
  private static let synonyms = [
    "fit": "train", "score": "predict", "apply": "predict", "test": "evaluate", "info": "inspect", "show": "inspect",
    "validate": "check", "list": "status", "ls": "status", "resume": "--resume", "continue": "--continue",
    "version": "--version",
  ]

  private static func isStart(_ word: String, of names: [String]) -> Bool {
    word.count > 2 && names.contains { $0.hasPrefix(word) }
  }

  private static func unknown(command: String, _ names: [String], _ rest: ArraySlice<String>) -> String {
    let near = synonyms[command] ?? nearest(to: command, in: names) ?? names.first { $0.hasPrefix(command) }
    guard let near else { return "unknown command '\(command)'; the commands are \(names.joined(separator: ", "))" }
    let words = ([near] + rest).map(\.quotedForShell).joined(separator: " ")
    return "unknown command '\(command)'; did you mean: \(Invocation.current.program) \(words)"
  }

  /// The first mistake in `arguments` that can be found without opening a file; nil if there is none.
  static func first(in arguments: [String], _ table: CommandTable) -> UsageError? {
    guard let (command, rest) = table.command(of: arguments), command.commandName != "help" else { return nil }
    var words = rest
    var (positional, options): ([String], [String]) = ([], [])
    while let word = words.popFirst() {
      if word == "--" {
        positional += words
        break
      }
      guard word.hasPrefix("-"), word.count > 1, Double(word) == nil else {
        positional.append(word)
        continue
      }
      let name = word.prefix { $0 != "=" }
      let value = name.count < word.count ? String(word.dropFirst(name.count + 1)) : nil
      if let option = command.option(name) {
        if let problem = problem(of: option, name, value, next: words.first) { return UsageError(message: problem) }
        options.append(String(name))
        if option.kind == "option", value == nil { words = words.dropFirst() }
      } else if let override = Overrides.name(of: word) {
        if let problem = problem(ofOverride: override, value, next: words.first, command) {
          return UsageError(message: problem)
        }
        if value == nil { words = words.dropFirst() }
      } else {
        return UsageError(
          message: unknown(name, value ?? words.first.flatMap { $0.hasPrefix("--") ? nil : $0 }, command))
      }
    }
    return problem(ofPositional: positional, options, command).map(UsageError.init)
  }

  private static func problem(
    of option: CommandTable.Argument, _ name: Substring, _ value: String?, next: String?
  ) -> String? {
    guard option.kind == "option" else { return value.map { _ in "\(name) takes no value; write \(name)" } }
    guard let value = value ?? next.flatMap({ $0.hasPrefix("-") && Double($0) == nil ? nil : $0 }) else {
      return "\(name) needs a value: \(name) \(option.valueName?.uppercased() ?? "VALUE")"
    }
    if let values = option.allValues, !values.contains(value) {
      return "\(name) \(value): give \(values.dropLast().joined(separator: ", ")) or \(values.last ?? "")"
    }
    let wholeNumbers = ["--threads", "--max-seconds", "--repeats", "--ranks", "--hosts", "--sample", "--sample-seed"]
    return wholeNumbers.contains(String(name)) && (Int(value) ?? 0) < 1
      ? "\(name) \(value): give a whole number from 1 on" : nil
  }

  private static func problem(
    ofOverride name: Substring, _ value: String?, next: String?, _ command: CommandTable.Command
  ) -> String? {
    guard command.takes(override: name) else {
      let parts = name.drop { $0 == "-" }.split(separator: ".").map(String.init)
      if let own = command.optionNames.first(where: parts.contains) {
        return "unknown option '\(name)'; did you mean --\(own)\(value.map { " \($0.quotedForShell)" } ?? "")?"
      }
      return "\(name): only 'train' and 'check' take keys of the run file; leave this out"
    }
    guard value != nil || next.map({ !$0.hasPrefix("--") }) == true else {
      return "\(name) needs a value: \(name)=VALUE"
    }
    return nil
  }

  private static func unknown(_ name: Substring, _ value: String?, _ command: CommandTable.Command) -> String {
    let what = "unknown option '\(name)'"
    if ["-n", "-np", "--np", "-c"].contains(String(name)) {
      return
        "\(what): the number of ranks is for mpirun, before the program: mpirun -np \(value ?? "N") \(Invocation.current.program)"
    }
    let word = String(name.drop { $0 == "-" })
    let own = command.optionNames.filter { $0 != "set" }
    let key = command.takesOverrides ? KeySuggestion(word, value: value) : nil
    let part = own.filter { $0.hasPrefix(word) || word.hasPrefix($0) }
    let near = nearest(to: word, in: own) ?? (part.count == 1 ? part[0] : nil)
    if let key, key.isExact || near == nil { return "\(what); did you mean \(key.text)?" }
    if let near { return "\(what); did you mean --\(near)?" }
    return "\(what); see \(Invocation.current.command(command.commandName, "--help"))"
  }

  private static func problem(ofPositional words: [String], _ options: [String], _ command: CommandTable.Command)
    -> String?
  {
    let wanted = command.positional
    let names = wanted.compactMap { $0.valueName?.uppercased() }
    if words.count > wanted.count, wanted.last?.isRepeating != true {
      let surplus = "unexpected argument '\(words[wanted.count])'"
      return command.takesOverrides
        ? "\(surplus); give one run file, and write the value of an option directly behind it"
        : "\(surplus); usage: \(usage(of: command))"
    }
    if let missing = wanted.indices.first(where: { $0 >= words.count && !wanted[$0].isOptional }) {
      return "missing argument \(names[missing]); usage: \(usage(of: command))"
    }
    let required = command.arguments?.filter { $0.kind == "option" && !$0.isOptional } ?? []
    if let missing = required.first(where: { Set($0.spellings).isDisjoint(with: options) }) {
      return "missing option \(missing.spellings[0]); usage: \(usage(of: command))"
    }
    return nil
  }

  private static func usage(of command: CommandTable.Command) -> String {
    let options = command.arguments?.filter { $0.kind == "option" && !$0.isOptional } ?? []
    let words =
      command.positional.map { ($0.valueName?.uppercased() ?? "") + ($0.isRepeating ? " …" : "") }
      + options.map { "\($0.spellings[0]) \($0.valueName ?? "FILE")" }
    return "\(Invocation.current.program) \(command.commandName) " + words.joined(separator: " ")
  }
}
