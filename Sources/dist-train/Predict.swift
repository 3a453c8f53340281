import ArgumentParser
import Events
import Formats
import Machine
import MPI
import NeuralNetwork
import RunFiles
import Runs
import Training

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the class probabilities of every event of a file.",
    discussion: "One row per event, one column per class, float32: numpy.load opens it.")

  @Argument(help: ArgumentHelp("A run folder, or one of its checkpoints.", valueName: "run"))
  var model: String

  @Argument(help: "The events: text as numpy.savetxt writes it, CSV or .npy.", completion: .file())
  var file: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "scores.npy"))
  var output: String

  @Option(help: ArgumentHelp("features_by_row or events_by_row (default: as in the run file)."))
  var layout: String?

  func validate() throws {
    if let layout { let _: FileLayout = try choice(layout, of: "--layout") }
  }

  func run() throws {
    try withMPI { communicator in
      let report = Console(speaks: communicator.isRoot, progress: .off)
      // However long it takes: nobody else has anything to do.
      communicator.watchdog.setLimits(steps: .max, files: .max)
      try communicator.onRoot { try predict(report) }
    }
  }

  private func predict(_ report: Console) throws {
    let model = try ModelFile(model)
    let run = try model.runFile()
    let trained = model.checkpoint.model
    let request = EventRequest(
      layout: try layout.map { try choice($0, of: "--layout") } ?? run.data.layout, features: trained.featureNames)
    let file = ProcessFiles(name: "file", files: [file])
    let events = try readProcesses([file], directory: ".", request)[0].table
    let network = try model.checkpoint.network(run)
    var evaluator = Evaluator(layout: network.layout, threads: 1)
    let scores = evaluator.probabilities(network, events, trained.standardization)
    let classes = trained.classNames.count
    var bytes = npyHeader(shape: [events.events, classes], descr: "<f4")
    bytes.append(bytesOf: scores)
    try AtomicFile.write(bytes, to: output)
    report.print("Wrote \(output): \(grouped(events.events)) events × \(classes) probabilities \(trained.classNames)")
  }
}
