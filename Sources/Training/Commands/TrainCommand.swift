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
  /// Whether to go on where the run's folder has a checkpoint.
  public var continues: Bool
  /// Whether another run's folder may be overwritten.
  public var force: Bool
  /// Whether to draw a progress bar: "auto", "on" or "off".
  public var progress: String
  /// Seconds after which to stop with a checkpoint.
  public var maxSeconds: Int?

  /// All by name.
  public init(
    runFile: String?, overrides: [(key: String, value: String)], threads: Int?, resume: String?,
    continues: Bool, force: Bool, progress: String, maxSeconds: Int?
  ) {
    self.runFile = runFile
    self.overrides = overrides
    self.threads = threads
    self.resume = resume
    self.continues = continues
    self.force = force
    self.progress = progress
    self.maxSeconds = maxSeconds
  }

  /// The run file that is used when none is named, from the working directory.
  public static let defaultRunFile = "data/hh-bbww.yaml"

  /// Trains; every rank calls it. Returns the exit code.
  public func run() -> Int32 {
    StopRequest.listen()
    return underMPI(threads: threads) { communicator in
      let watchdog = communicator.watchdog
      if let maxSeconds { watchdog.stopAfter(seconds: maxSeconds) }
      watchdog.enter(.preparing)
      let console = Console(speaks: communicator.isRoot, progress: Console.Progress(rawValue: progress) ?? .auto)
      if communicator.size > 1 { try communicator.requireAgreement(on: facts, when: "at the start") }
      var start: RunStart?
      let header: RunStart.Header = try communicator.fromRoot {
        let prepared = try RunStart(self)
        start = prepared
        return prepared.header
      }
      let run = try RunFile(yaml: header.runFile, named: header.name, overrides: [])
      if header.isFinished {
        console.tell("\(start?.folder.path ?? ""): this run is finished, nothing is left to do")
        return
      }
      watchdog.setLimits(steps: run.safety.watchdog, files: run.safety.watchdogFiles)
      console.tellBanner()
      let placement = try console.tellPlacement(communicator, threads: threads)
      let threads = placement.threads(ofRank: communicator.rank)

      let (dataset, digest) = try run.loadDataset(communicator, for: .training) { console.tellFiles($0) }
      console.tell("SHA-256 of the events: \(digest.prefix(16))…")
      let host = try HostMemory(communicator)
      try communicator.onRoot {
        let bytes = run.workingMemory(events: dataset.training.count, threads: threads) * Double(host.ranks)
        try host.require(
          bytes, for: "the network of run '\(run.name)'",
          advice: "make network.hidden or training.block smaller, or start fewer ranks or threads")
      }
      var trainer = try Trainer(run, dataset: dataset, threads: threads, communicator)
      console.tellPlan(run, dataset, trainer.plan, parameters: trainer.network.specification, communicator)

      let resumed = try communicator.fromRoot { start?.resumed?.state.encoded() ?? [] }
      let checkpoint = resumed.isEmpty ? nil : try Checkpoint(decoding: resumed, path: header.name)
      if let checkpoint {
        try communicator.onRoot { try trainer.requireSameState(checkpoint, eventsDigest: digest) }
        trainer.restore(checkpoint)
        let steps = checkpoint.stepInEpoch > 0 ? " and \(checkpoint.stepInEpoch) steps" : ""
        let file = start?.resumed?.file.path ?? ""
        console.tell("Resumed after epoch \(checkpoint.epoch)\(steps) of \(run.training.epochs), from \(file)")
      }
      try requireSameStart(trainer, communicator)

      var record: RunRecord?
      try communicator.onRoot {
        guard let start else { return }
        record = try RunRecord(
          start, run: run, eventsDigest: digest, placement: placement, trainer: trainer, watchdog)
        if checkpoint != nil { console.continueLog(record?.readLog() ?? "") }
      }
      do {
        try trainer.train(from: checkpoint, communicator, console, record: &record)
        try communicator.onRoot { record?.end(nil) }
      } catch {
        record?.end(Failure(error))
        throw error
      }
    }
  }

  /// What a rank can know before rank 0 has read anything.
  private var facts: [SharedFact] {
    var words = [threads.map { "--threads \($0)" } ?? "", resume.map { "--resume \($0)" } ?? ""]
    words += ["\(continues) \(force)", runFile ?? "", maxSeconds.map(String.init) ?? ""]
    words += overrides.map { "\($0.key)=\($0.value)" }
    // Where this rank has the file at all, which it need not: rank 0 reads it for all.
    let text = resume == nil ? try? RunFileText.bytes(of: runFile ?? Self.defaultRunFile) : nil
    return [
      SharedFact(
        name: "command line", value: SHA256.digest(of: Array(words.joined(separator: "\n").utf8)),
        advice: "start all ranks with the same arguments"),
      SharedFact(
        name: "build of the program", value: BuildIdentity.current,
        advice: "copy the same dist-train to all hosts, or start it from a file system that they share"),
      SharedFact(
        name: "run file", value: text.map { SHA256.digest(of: $0) } ?? [],
        advice: "copy the same \(runFile ?? Self.defaultRunFile) to all hosts, or start in a folder that they share"),
    ]
  }

  /// Compares the events in the memory of every host, and what training starts from. All ranks call it together.
  private func requireSameStart(_ trainer: borrowing Trainer, _ communicator: borrowing Communicator) throws {
    guard communicator.size > 1 else { return }
    // Those of a host share their events: one of them looks, and speaks for them.
    let isFirstOfHost = try communicator.splitByHost().isRoot
    var events = BitDigest()
    if isFirstOfHost { trainer.dataset.withNumbers { events.update($0) } }
    try communicator.requireAgreement(
      on: [
        SharedFact(
          name: "events", value: isFirstOfHost ? events.bytes : [],
          advice: "they were damaged on the way from rank 0: check its host's memory and the network, and start again"),
        SharedFact(
          name: "starting parameters", value: trainer.stateDigest,
          advice: "its memory or processor may be faulty: leave its host out"),
      ], when: "before the first step")
  }
}
