import ArgumentParser
import Events
import Machine
import MPI
import NeuralNetwork
import RunFiles
import Runs
import Training

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the class probabilities of all events in a file.",
    usage: "dist-train predict <run> <events> -o <scores.npy|scores.csv> [options]",
    discussion: """
      dist-train predict runs/my-run events.txt -o scores.npy

      The output has one row per event and one column per class, in float32: a
      .npy file for numpy.load, or a .csv file whose first line names the classes.
      An input is never overwritten; a file that exists keeps its permissions, and
      a link stays a link.
      """)

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write: .npy or .csv.", valueName: "scores.npy"))
  var output: String

  @OptionGroup var source: EventFileOptions

  func run() throws {
    try withOneRank { communicator in
      // However long it takes: no other process waits for this one.
      communicator.watchdog.setLimits(steps: .max, files: .max)
      try predict(Console(speaks: true, progress: .off))
    }
  }

  private func predict(_ report: Console) throws {
    let format = try ScoresFormat(ofFile: output)
    if GivenPath(source.file).isRun, !GivenPath(source.model).isRun {
      let command = Invocation.current.command("predict", source.file, source.model, "-o", output)
      throw Failure(.usage, "\(source.model): the run comes first, then the events; type: \(command)")
    }
    let model = try ModelFile(source.model)
    let run = try model.runFile()
    let trained = model.checkpoint.model
    let destination = try model.output(output, of: source.file, run)
    let classes = trained.classNames
    // Probabilities, twice while their array grows, and the content of the file.
    let events = try model.inputs(
      of: source.file, run, layout: source.fileLayout,
      bytesPerEvent: Double(classes.count) * (8 + format.bytesPerValue))
    let network = try model.checkpoint.network(run)
    var evaluator = Evaluator(layout: network.layout, threads: 1)
    let scores = evaluator.probabilities(network, events, trained.standardization)
    try destination.write(format.encoded(scores, classes: classes))
    warnOfUndefined(scores, events, classes: classes.count, report)
    // Not if standard output may be the table.
    guard !destination.isStream else { return }
    report.print(
      "Wrote \(output): \(grouped(events.events)) event\(events.events == 1 ? "" : "s") × \(classes.count) probabilities \(classes)"
    )
  }

  /// Scores are nan if inputs are, which happens in events that fail the selection, and if features far beyond those of the training
  /// leave float32 on their way through the network.
  private func warnOfUndefined(_ scores: [Float], _ events: EventTable, classes: Int, _ report: Console) {
    let undefined = (0..<events.events).filter { event in
      scores[event * classes..<(event + 1) * classes].contains { !$0.isFinite }
    }
    let cutAway = Set(undefined).filter { event in
      events.values[event * events.features..<(event + 1) * events.features].contains(where: \.isNaN)
    }
    func warn(_ found: [Int], _ what: String) {
      guard let first = found.first else { return }
      report.warn(
        "\(source.file): \(counted(found.count, "event")) of \(grouped(events.events)), first event \(first + 1), \(what)"
      )
    }
    warn(
      undefined.filter { !cutAway.contains($0) },
      "have features so far from the training events that the scores are nan; check these events")
    warn(cutAway.sorted(), "fail data.selection and have features that cannot be computed, so the scores are nan")
  }
}
