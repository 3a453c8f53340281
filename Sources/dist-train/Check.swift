import ArgumentParser
import Events
import Machine
import NeuralNetwork
import RunFiles
import Runs

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check whether a training can start, without starting it.",
    usage: "dist-train check [run.yaml] [--section.key=value ...] [options]",
    discussion: """
      Use it before you submit a job. It takes the arguments of 'dist-train
      train', reads the run file, looks for the event files and the columns that
      are wanted of them, and makes sure that the events fit into memory, that
      the run's folder is free, or holds a run that --continue or --resume can
      continue, and that no other process is training there.

      How much memory the events take follows from the headers of .npy files; for
      text files it is estimated from their size and first lines.
      """)

  @Flag(help: "Print only the paths of the event files.")
  var files = false

  @Flag(help: "Print only the path of the run's folder.")
  var folder = false

  @Flag(help: "The training will run on another machine: print how much memory the events take, whatever this one has.")
  var elsewhere = false

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
    let files = try eventFiles(of: run)
    let loader = run.loader(for: .training)
    try loader.checkHeads()
    let memory = loader.memory
    if !elsewhere { try memory.require() }
    let state =
      if start.isFinished {
        ", which is finished"
      } else if let resumed = start.resumed {
        ", which has a checkpoint after epoch \(resumed.file.epoch)"
      } else {
        ""
      }
    return [
      "Run: \(run.name), \(grouped(run.training.epochs)) epoch\(run.training.epochs == 1 ? "" : "s")",
      "Run folder: \(start.folder.path)\(state)",
      "Network: \(run.networkSpecification.sizes)",
    ]
      + files.map { "\($0.what): \($0.path) (\(grouped(($0.size + 999) / 1000)) kB)" } + [
        "Memory for the events: \(memory.isEstimate ? "about " : "")\(MemoryBounds.amount(memory.bytes))"
      ]
  }

  /// The event files of a run, which must be there.
  private func eventFiles(of run: RunFile) throws -> [(what: String, path: String, size: Int)] {
    try run.data.processes.flatMap { process in
      let (paths, weights) = (process.paths(in: run.data.directory), process.weightPaths(in: run.data.directory))
      return try paths.map { (what: "Events of \(process.name)", path: $0, size: try OpenFile($0, .read).size()) }
        + weights.map { (what: "Weights of \(process.name)", path: $0, size: try OpenFile($0, .read).size()) }
    }
  }
}
