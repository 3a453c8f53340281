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
    abstract: "Write the class probabilities of all events in files.",
    usage: "dist-train predict <run> <events> ... -o <scores.npy|scores.npz|scores.csv> [options]",
    discussion: """
      dist-train predict runs/my-run events.npy -o scores.npy
      dist-train predict runs/my-run data/*.npy -o scores.npz
      mpirun -np 8 dist-train predict runs/my-run events.npy -o scores.npy

      The output has one row per event and one column per class, in float32. The
      events of several files follow one another in the order of the files.

        .npy  an array of shape (events, classes) for numpy.load
        .npz  the same as 'scores'; 'predicted' has the number of the largest class
              of each event (-1 if its scores are nan), 'classes' their names
        .csv  text, whose first line names the classes

      Files may be larger than the memory. All ranks share the events of plain .npy
      files; other files are read by rank 0 with all CPUs of its host. .npz files,
      .npy.gz files and text with one row per feature have to fit into its memory.
      The output is the same on any number of ranks and threads.

      An input is never overwritten; a file that exists keeps its permissions, and
      a link stays a link. If anything goes wrong, no output is left behind.
      """)

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write: .npy, .npz or .csv.", valueName: "scores.npy"))
  var output: String

  @OptionGroup var trained: RunArgument

  @Argument(
    help: ArgumentHelp(
      "The event files: text as numpy.savetxt writes it, CSV, .npy or .npz.", valueName: "events"),
    completion: .file())
  var files: [String]

  @OptionGroup var layout: LayoutOption

  @OptionGroup var threads: ThreadOptions

  @Option(help: ArgumentHelp("Whether to draw a progress bar; auto: only on a terminal.", valueName: "when"))
  var progress: Console.Progress = .auto

  func run() throws {
    try withMPI(threads: threads.threads) { communicator in try predict(communicator) }
  }

  private func predict(_ communicator: borrowing Communicator) throws {
    // However long it takes: no other process waits for a single one.
    if communicator.size == 1 { communicator.watchdog.setLimits(steps: .max, files: .max) }
    var destination: OutputFile?
    var found: [InputFile] = []
    let checkpoint = try Checkpoint(
      decoding: communicator.fromRoot {
        _ = try ScoresFormat(ofFile: output)
        try requireRunFirst()
        let model = try ModelFile(trained.model)
        let run = try model.runFile()
        destination = try model.output(output, of: files, run)
        let inputs = try model.checkpoint.inputFiles(run, layout: layout.fileLayout)
        found = try files.map { try inputs.find($0) }
        return model.bytes
      }, path: trained.model)
    found = try communicator.fromRoot { found }
    let runFile = try RunFile(yaml: checkpoint.runFile, named: trained.model, overrides: [], isSaved: true)
    if communicator.size > 1 {
      communicator.watchdog.setLimits(steps: runFile.safety.watchdog, files: runFile.safety.watchdogFiles)
    }
    // Nothing but the table goes into what may be read as the table.
    let isStream = destination?.isStream ?? false
    let report = Console(speaks: communicator.isRoot, progress: isStream ? .off : progress)
    let placement =
      isStream || communicator.size == 1
      ? try Placement.gather(communicator, threads: threads.threads)
      : try report.printPlacement(communicator, threads: threads.threads)
    let network = try checkpoint.network(runFile)
    let classes = checkpoint.model.classNames
    var prediction = Prediction(
      of: found, try checkpoint.inputFiles(runFile, layout: layout.fileLayout), checkpoint, layout: network.layout,
      try ScoresFormat(ofFile: output), threads: placement.threads(ofRank: communicator.rank), report)
    try prediction.write(to: destination, classNames: classes, network, placement, communicator)
    guard communicator.isRoot else { return }
    prediction.warnOfUndefined()
    if !isStream { prediction.printSummary(output, classNames: classes) }
  }

  /// Refuses events in the place of the run.
  private func requireRunFirst() throws(Failure) {
    guard let given = files.first(where: { GivenPath($0).isRun }), !GivenPath(trained.model).isRun else { return }
    let events = [trained.model] + files.filter { $0 != given }
    let command = Invocation.current.command(["predict", given] + events + ["-o", output])
    throw Failure(.usage, "\(trained.model): the run comes first, then the events; type: \(command)")
  }
}
