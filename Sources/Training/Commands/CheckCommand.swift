internal import Events
internal import NeuralNetwork

/// `dist-train check`: whether a training can start, before a job waits in a queue for it.
public struct CheckCommand: Sendable {
  /// What to tell.
  public enum Answer: Sendable {
    /// All that is known, of the folder too: whether the run may start there, goes on there, or has come to its end.
    case everything
    /// The paths of the event files, whatever is in the run's folder.
    case eventFiles
    /// The path of the run's folder, whatever is in there.
    case folder
  }

  /// The training.
  public var training: TrainCommand
  /// What to tell of it.
  public var answer: Answer

  /// Both by name.
  public init(training: TrainCommand, answer: Answer) {
    self.training = training
    self.answer = answer
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
    switch answer {
    case .everything: break
    case .eventFiles: return try files(of: RunStart.find(training).run).map(\.path)
    case .folder: return [try RunStart.find(training).folder.path]
    }
    let start = try RunStart(training)
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
      + (try files(of: run).map { "Events of \($0.process): \($0.path) (\(grouped(($0.size + 999) / 1000)) kB)" })
  }

  /// The event files of a run, which must be there.
  private func files(of run: RunFile) throws -> [(process: String, path: String, size: Int)] {
    try run.data.processes.flatMap { process in
      try ProcessFiles(name: process.name, files: process.files).paths(in: run.data.directory).map { path in
        (process: process.name, path: path, size: try OpenFile(path, .read).size())
      }
    }
  }
}
