internal import Events
internal import FoundationEssentials
internal import NeuralNetwork

/// `dist-train check`: whether a run file can be used, before a job waits in a queue for it.
public struct CheckCommand: Sendable {
  /// The run file.
  public var runFile: String
  /// `--section.key=value` pairs in their order.
  public var overrides: [(key: String, value: String)]
  /// Whether to tell the paths of the event files and nothing else.
  public var listsFiles: Bool

  /// All by name.
  public init(runFile: String, overrides: [(key: String, value: String)], listsFiles: Bool) {
    self.runFile = runFile
    self.overrides = overrides
    self.listsFiles = listsFiles
  }

  /// Checks and tells. Returns the exit code.
  public func run() -> Int32 {
    do {
      write(try lines().joined(separator: "\n") + "\n", to: 1)
      return ExitCode.done.rawValue
    } catch {
      write("dist-train: \(Failure(error))\n", to: 2)
      return Failure(error).code.rawValue
    }
  }

  private func lines() throws -> [String] {
    let run = try RunFile(contentsOf: runFile, overrides: overrides)
    var (paths, lines) = ([String](), [String]())
    for process in run.data.processes {
      for path in ProcessFiles(name: process.name, files: process.files).paths(in: run.data.directory) {
        let size = try OpenFile(path, .read).size()
        paths.append(path)
        lines.append("Events of \(process.name): \(path) (\(grouped((size + 999) / 1000)) kB)")
      }
    }
    if listsFiles { return paths }
    let folder = RunFolder(run.output.directory + "/" + run.name)
    let newest = try folder.checkpoints().first
    return [
      "Run: \(run.name), \(grouped(run.training.epochs)) epochs",
      "Run folder: \(folder.path)\(newest.map { ", which has a checkpoint after epoch \($0.epoch)" } ?? "")",
      "Network: \(run.networkSpecification.sizes)",
    ] + lines
  }
}
