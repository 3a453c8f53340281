import ArgumentParser
import Events
import Machine
import MPI
import NeuralNetwork
import Results
import RunFiles
import Runs
import Training

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell loss, accuracy and confusion matrix of a trained model.",
    discussion: "Without --data the events are the run's own test events, divided as in the training.")

  @Argument(help: ArgumentHelp("A run folder, or one of its checkpoints.", valueName: "run"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "A folder with other events in files of the same names; all of them count.", valueName: "folder"),
    completion: .directory)
  var data: String?

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    try withMPI(threads: threads.threads) { communicator in try evaluate(communicator) }
  }

  private func evaluate(_ communicator: borrowing Communicator) throws {
    let report = Console(speaks: communicator.isRoot, progress: .off)
    let checkpoint = try Checkpoint(decoding: communicator.fromRoot { try ModelFile(model).bytes }, path: model)
    let run = try communicator.fromRoot {
      let overrides = data.map { [(key: "data.directory", value: json($0))] } ?? []
      return try RunFile(yaml: checkpoint.runFile, named: model, overrides: overrides)
    }
    communicator.watchdog.setLimits(steps: run.safety.watchdog, files: run.safety.watchdogFiles)
    let threads = try report.printPlacement(communicator, threads: threads.threads).threads(ofRank: communicator.rank)
    let loader = run.loader(for: data == nil ? .sameSplit(checkpoint.model) : .test(checkpoint.model))
    let loaded = try loader.load(communicator) { report.print($0) }
    guard data != nil || loaded.digest == checkpoint.eventsDigest else {
      throw AgreedFailure(
        .badData,
        "\(model): the event files in \(run.data.directory) are not those of the training, so its test events "
          + "cannot be told from the others; bring the files back, or name a folder of other events with --data")
    }
    let events = loaded.store
    let network = try checkpoint.network(run)
    var evaluator = Evaluator(layout: network.layout, threads: threads)
    // A run without test events is judged by what it has.
    let splits = [("test", events.test), ("validation", events.validation), ("training", events.training)]
    for (name, rows) in splits where !rows.isEmpty {
      guard let evaluation = try evaluator.evaluate(network, events, rows, communicator) else { continue }
      report.print(
        "Model of epoch \(checkpoint.position.epoch), \(grouped(evaluation.events)) \(name) events: "
          + evaluation.metrics.description())
      report.print(evaluation, classes: events.classNames)
      break
    }
  }
}
