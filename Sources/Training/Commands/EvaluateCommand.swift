internal import Events
internal import MPI
internal import NeuralNetwork

/// `dist-train evaluate`: loss, accuracy and confusion matrix of a trained model.
public struct EvaluateCommand: Sendable {
  /// A run folder or a checkpoint.
  public var model: String
  /// A folder with other events in files of the same names; nil for the run's own test split.
  public var data: String?
  /// Threads per rank.
  public var threads: Int?

  /// All by name.
  public init(model: String, data: String?, threads: Int?) {
    self.model = model
    self.data = data
    self.threads = threads
  }

  /// Evaluates; every rank calls it. Returns the exit code.
  public func run() -> Int32 {
    underMPI(threads: threads) { communicator in
      let console = Console(speaks: communicator.isRoot, progress: .off)
      let bytes = try communicator.fromRoot { try ModelFile(model).checkpoint.encoded() }
      let checkpoint = try Checkpoint(decoding: bytes, path: model)
      let yaml = try communicator.fromRoot { () throws -> [UInt8] in
        let overrides = data.map { [(key: "data.directory", value: json($0))] } ?? []
        return Array(try RunFile(yaml: checkpoint.runFile, named: model, overrides: overrides).yaml().utf8)
      }
      let run = try RunFile(yaml: String(decoding: yaml, as: UTF8.self), named: model, overrides: [])
      communicator.watchdog.setLimits(steps: run.safety.watchdog, files: run.safety.watchdogFiles)
      let threads = try console.tellPlacement(communicator, threads: threads).threads(ofRank: communicator.rank)
      let use = data == nil ? DatasetUse.division(checkpoint) : .test(checkpoint)
      let (dataset, digest) = try run.loadDataset(communicator, for: use) { console.tellFiles($0) }
      guard data != nil || digest == checkpoint.eventsDigest else {
        throw AgreedFailure(
          failure: Failure(
            .badData,
            "\(model): the event files in \(run.data.directory) are not those of the training, so its test events "
              + "cannot be told from the others; bring the files back, or name a folder of other events with --data"))
      }
      let network = try checkpoint.network(run)
      var evaluator = Evaluator(layout: network.layout, threads: threads)
      // A run without test events is judged by what it has.
      let splits = [("test", dataset.test), ("validation", dataset.validation), ("training", dataset.training)]
      for (name, rows) in splits where !rows.isEmpty {
        guard let metrics = try evaluator.evaluate(network, dataset, rows, communicator) else { continue }
        console.tell(
          "Model of epoch \(checkpoint.epoch), \(grouped(metrics.events)) \(name) events: "
            + "loss \(decimals(metrics.loss, 4)), accuracy \(decimals(metrics.accuracy, 4))")
        console.tell(metrics, classes: dataset.classNames)
        break
      }
    }
  }
}
