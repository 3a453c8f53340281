import ArgumentParser
import Events
import Machine
import NeuralNetwork
import RunFiles
import Runs

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check whether a training can start, before a job waits in a queue for it.",
    discussion: """
      Takes what 'dist-train train' takes, and trains nothing: the run file is
      read, the event files must be there, and the run's folder must be free, or
      hold a run that --continue or --resume can go on with.
      """)

  @Flag(help: "Tell the paths of the event files and nothing else.")
  var files = false

  @Flag(help: "Tell the path of the run's folder and nothing else.")
  var folder = false

  @OptionGroup var training: TrainingOptions

  func run() throws {
    try withoutMPI { StandardStream.output.write(try lines().joined(separator: "\n") + "\n") }
  }

  private func lines() throws -> [String] {
    let request = training.request
    // Whatever is in the run's folder.
    if files { return try eventFiles(of: RunStart.find(request).run).map(\.path) }
    if folder { return [try RunStart.find(request).folder.path] }
    let start = try RunStart(request)
    let run = start.run
    let state =
      if start.isFinished {
        ", which is finished"
      } else if let resumed = start.resumed {
        ", which has a checkpoint after epoch \(resumed.file.epoch)"
      } else {
        ""
      }
    return [
      "Run: \(run.name), \(grouped(run.training.epochs)) epochs",
      "Run folder: \(start.folder.path)\(state)",
      "Network: \(run.networkSpecification.sizes)",
    ]
      + (try eventFiles(of: run).map { "Events of \($0.process): \($0.path) (\(grouped(($0.size + 999) / 1000)) kB)" })
  }

  /// The event files of a run, which must be there.
  private func eventFiles(of run: RunFile) throws -> [(process: String, path: String, size: Int)] {
    try run.data.processes.flatMap { process in
      try process.paths(in: run.data.directory).map { path in
        (process: process.name, path: path, size: try OpenFile(path, .read).size())
      }
    }
  }
}
