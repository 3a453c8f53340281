internal import Events
internal import MPI
internal import NeuralNetwork

/// `dist-train predict`: the class probabilities of every event of a file.
public struct PredictCommand: Sendable {
  /// A run folder or a checkpoint.
  public var model: String
  /// The events.
  public var file: String
  /// Where to write (events, classes) as float32 npy.
  public var output: String
  /// How `file` is laid out; nil for the layout of the run file.
  public var layout: String?

  /// All by name.
  public init(model: String, file: String, output: String, layout: String?) {
    self.model = model
    self.file = file
    self.output = output
    self.layout = layout
  }

  /// The names of the layouts.
  public static let layouts = FileLayout.allCases.map(\.rawValue)

  /// Predicts; rank 0 does the work. Returns the exit code.
  public func run() -> Int32 {
    underMPI { communicator in
      let console = Console(speaks: communicator.isRoot, progress: .off)
      // However long it takes: nobody else has anything to do.
      communicator.watchdog.setLimits(steps: .max, files: .max)
      try communicator.onRoot { try predict(console) }
    }
  }

  private func predict(_ console: Console) throws {
    let model = try ModelFile(model)
    let run = try model.runFile()
    let checkpoint = model.checkpoint
    let events = try readProcesses(
      [ProcessFiles(name: "file", files: [file])], directory: ".", features: checkpoint.featureNames,
      layout: layout.flatMap { FileLayout(rawValue: $0) } ?? run.data.layout)[0].table
    let network = try checkpoint.network(run)
    var evaluator = Evaluator(layout: network.layout, threads: 1)
    let scores = evaluator.probabilities(network, events, checkpoint.standardization)
    let classes = checkpoint.classNames.count
    var bytes = npyHeader(shape: [events.events, classes], descr: "<f4")
    bytes.append(bytesOf: scores)
    try AtomicFile.write(bytes, to: output)
    console.tell(
      "Wrote \(output): \(grouped(events.events)) events × \(classes) probabilities \(checkpoint.classNames)")
  }
}
