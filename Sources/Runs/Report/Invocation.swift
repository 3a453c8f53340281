import Machine

/// How the user started this program, so that messages can show commands that work when they are pasted.
package struct Invocation {
  /// What starts the program from the working directory: "dist-train", ".build/release/dist-train", "launch/local".
  package let program: String
  /// What starts launch/plot from there; nil where it did not come with the program.
  package let plot: String?
  private let arguments: [String]
  private let workingDirectory: String

  /// - Parameters:
  ///   - words: The command line, with the name of the program first.
  ///   - launcher: launch/local, as the user typed it, if it started the program.
  ///   - executable: The path of the program's file.
  package init(
    words: [String], launcher: String?, executable: String?, workingDirectory: String,
    exists: (String) -> Bool = FileSystem.exists
  ) {
    self.workingDirectory = workingDirectory
    arguments = Array(words.dropFirst())
    let here = workingDirectory + "/"
    let typed = { (path: String) in path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path }
    let given = words.first ?? "dist-train"
    // Without a slash a shell would look for it in PATH.
    let found = given.contains("/") && !typed(given).contains("/") ? "./\(typed(given))" : typed(given)
    program = (launcher ?? found).quotedForShell
    // .build/ARCHITECTURE/release/dist-train in a checkout, bin/dist-train in the folder that launch/build makes.
    var folders = [launcher.map { FileSystem.parent(of: FileSystem.parent(of: $0)) }].compactMap { $0 }
    var folder = executable ?? ""
    for _ in 0..<4 where folder.contains("/") {
      folder = FileSystem.parent(of: folder)
      folders.append(folder)
    }
    plot = folders.map { $0 == "." ? "launch/plot" : "\($0)/launch/plot" }.first(where: exists).map {
      typed($0).quotedForShell
    }
  }

  package static let current = Invocation(
    words: CommandLine.arguments,
    launcher: environmentVariable("DIST_TRAIN_LAUNCHER").flatMap { $0.isEmpty ? nil : $0 },
    executable: FileSystem.target(ofLink: "/proc/self/exe"), workingDirectory: FileSystem.workingDirectory)

  /// A command for the user to type.
  package func command(_ words: String...) -> String { command(words) }

  /// The same of any number of words.
  package func command(_ words: [String]) -> String {
    ([program] + words.map(\.quotedForShell)).joined(separator: " ")
  }

  /// The command that the user typed, with other words in the place of `word`; nil if that was not in it.
  package func command(replacing word: String, with words: [String]) -> String? {
    var found = false
    let replaced = arguments.flatMap { argument -> [String] in
      if argument == word {
        found = true
        return words
      }
      if argument.hasPrefix("--"), argument.hasSuffix("=\(word)"), let last = words.last {
        found = true
        return [argument.dropLast(word.count) + last]
      }
      return [argument]
    }
    return found ? ([program] + replaced.map(\.quotedForShell)).joined(separator: " ") : nil
  }

  /// `path` as seen from the working directory, where it lies below it.
  package func shortened(_ path: String) -> String {
    path.hasPrefix(workingDirectory + "/") ? String(path.dropFirst(workingDirectory.count + 1)) : path
  }
}
