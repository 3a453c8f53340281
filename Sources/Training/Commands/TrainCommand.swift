internal import Events
internal import FoundationEssentials
internal import MPI
internal import NeuralNetwork

/// `dist-train train`: trains the network of a run file and leaves a run folder.
public struct TrainCommand: Sendable {
  /// The run file; nil for the shipped one, or when resuming.
  public var runFile: String?
  /// `--section.key=value` pairs in their order.
  public var overrides: [(key: String, value: String)]
  /// Threads per rank; nil for a fair share of the host's CPUs.
  public var threads: Int?
  /// The folder of a run to go on with.
  public var resume: String?
  /// Whether another run's folder may be overwritten.
  public var force: Bool
  /// Whether to draw a progress bar: "auto", "on" or "off".
  public var progress: String

  /// All by name.
  public init(
    runFile: String?, overrides: [(key: String, value: String)], threads: Int?, resume: String?, force: Bool,
    progress: String
  ) {
    self.runFile = runFile
    self.overrides = overrides
    self.threads = threads
    self.resume = resume
    self.force = force
    self.progress = progress
  }

  /// The run file that is used when none is named, from the working directory.
  public static let defaultRunFile = "data/hh-bbww.yaml"

  /// Trains; every rank calls it. Returns the exit code.
  public func run() -> Int32 {
    underMPI(threads: threads) { communicator in
      let console = Console(speaks: communicator.isRoot, progress: Console.Progress(rawValue: progress) ?? .auto)
      var start: RunStart?
      let header: RunStart.Header = try communicator.fromRoot {
        let prepared = try RunStart(self)
        start = prepared
        return prepared.header
      }
      let run = try RunFile(yaml: header.runFile, named: header.name, overrides: [])
      let threads = try console.tellPlacement(communicator, threads: threads)

      let (dataset, digest) = try run.loadDataset(communicator, for: .training) { console.tellFiles($0) }
      let host = try HostMemory(communicator)
      try communicator.onRoot {
        let bytes = run.workingMemory(events: dataset.training.count, threads: threads) * Double(host.ranks)
        try host.require(
          bytes, for: "the network of run '\(run.name)'",
          advice: "make network.hidden or training.block smaller, or start fewer ranks or threads")
      }
      var trainer = try Trainer(run, dataset: dataset, threads: threads, communicator)
      console.tellPlan(run, dataset, trainer.plan, parameters: trainer.network.specification, communicator)

      var record: RunRecord?
      let resumed = try communicator.fromRoot { start?.resumed?.encoded() ?? [] }
      let checkpoint = resumed.isEmpty ? nil : try Checkpoint(decoding: resumed, path: header.name)
      if let checkpoint {
        try communicator.onRoot { try trainer.requireSameState(checkpoint, eventsDigest: digest) }
        trainer.restore(checkpoint)
        console.tell("Resumed after epoch \(checkpoint.epoch) of \(run.training.epochs)")
      }
      try communicator.onRoot {
        guard let start else { return }
        record = try RunRecord(start, run: run, eventsDigest: digest, checkpoint: checkpoint, trainer: trainer)
        if checkpoint != nil { console.continueLog(record?.readLog() ?? "") }
      }
      try trainer.train(from: checkpoint, communicator, console, record: &record)
    }
  }
}
