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
    abstract: "Print how good a trained model is, with statistical errors.",
    usage: "dist-train evaluate <run> [--data <folder>] [options]",
    discussion: """
      dist-train evaluate runs/my-run
      dist-train evaluate runs/my-run --data other-events
      dist-train evaluate runs/my-run --evaluation.signal="[ggF, VBF]"

      Without --data, the model is evaluated on the test events of its own run, and
      compared with its validation and training events. Printed are loss, accuracy and
      confusion matrix; efficiency, purity and AUC of each class; the signal against
      each background; and, where events have weights, the expected significance.
      The section evaluation of the run file says what the signal is; its keys can be
      replaced. All figures and their definitions are in evaluation.json.

      Where training.class_weights differ, two losses are printed: with classes
      weighted as in the training (weights divided by their mean over the
      training events), and with every event counting the same. Accuracy and
      confusion matrix count events. Where data.selection leaves events out, what
      each of its conditions leaves is printed first, as at the start of a training.
      """)

  @Argument(help: ArgumentHelp("A run folder (its best model is used), or one checkpoint.", valueName: "run"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "Use the events in this folder instead, all of them; its files must have the same names as those of the run.",
      valueName: "folder"),
    completion: .directory)
  var data: String?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp(
      "Write the figures to this file (default: evaluation.json in the run's folder, unless --data is given).",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var json: String?

  @OptionGroup var threads: ThreadOptions

  @OptionGroup var overrides: Overrides

  /// The model is trained: only what is found out about it can be replaced.
  static func takes(override name: Substring) -> Bool { name.hasPrefix("--evaluation.") }

  func validate() throws {
    if let key = overrides.pairs.map(\.key).first(where: { !Self.takes(override: "--\($0)") }) {
      throw ValidationError(
        "--\(key.abridged()): only keys of evaluation can be replaced, as in --evaluation.signal=[sig]")
    }
  }

  func run() throws {
    try withMPI(threads: threads.threads) { communicator in try evaluate(communicator) }
  }

  private func evaluate(_ communicator: borrowing Communicator) throws {
    let report = Console(speaks: communicator.isRoot, progress: .off)
    var output: OutputFile?
    try communicator.onRoot {
      try requireFolder()
      output = try jsonOutput(json)
    }
    let checkpoint = try Checkpoint(decoding: communicator.fromRoot { try ModelFile(model).bytes }, path: model)
    let run = try communicator.fromRoot {
      var run = try RunFile(yaml: checkpoint.runFile, named: model, overrides: overrides.pairs, isSaved: true)
      if let data { run.data.directory = Path.absolute(data, in: FileSystem.workingDirectory) }
      return run
    }
    let purpose: RunFile.EventPurpose = data == nil ? .sameSplit(checkpoint.model) : .test(checkpoint.model)
    guard data == nil || run.meanWeight(of: checkpoint.model) != nil else {
      throw AgreedFailure(
        .badData,
        "\(model): the model comes from an older version, which did not store the mean class weight of the training "
          + "events, to which the loss is relative; evaluate it without --data, so that the training events can be "
          + "counted, or train again")
    }
    communicator.watchdog.setLimits(steps: run.safety.watchdog, files: run.safety.watchdogFiles)
    let placement = try report.printPlacement(communicator, threads: threads.threads)
    let threads = placement.threads(ofRank: communicator.rank)
    let loaded = try run.loader(for: purpose).load(
      communicator, placement.rootHost, digestLike: checkpoint.eventsDigest
    ) { report.print($0) }
    guard data != nil || loaded.digest == checkpoint.eventsDigest else {
      throw AgreedFailure(
        .badData,
        "\(model): the event files in \(run.data.directory) differ from those of the training, so its test "
          + "events cannot be identified; restore the files, or give a folder of other events with --data")
    }
    try evaluate(loaded.store, run, checkpoint, threads: threads, output, report, communicator)
  }

  private func evaluate(
    _ events: EventStore, _ run: RunFile, _ checkpoint: Checkpoint, threads: Int, _ output: OutputFile?,
    _ report: Console, _ communicator: borrowing Communicator
  ) throws {
    report.printCutflow(events.header)
    let network = try checkpoint.network(run)
    var evaluator = Evaluator(
      layout: network.layout, threads: threads, metrics: run.training.monitoring.metrics)
    // A run without test events is judged by what it has.
    let splits: [(name: String, use: EventUse)] = [
      (data == nil ? "test" : "all", .test), ("validation", .validation), ("training", .training),
    ].filter { !events.rows($0.use).isEmpty }
    let processes = try evaluator.scoresOfProcesses(network, events, communicator)
    guard let verdict = splits.first,
      let evaluation = try evaluator.evaluate(
        network, events, events.rows(verdict.use), comparingScores: true, communicator)
    else { return }
    report.print(
      evaluation,
      title: "Model of epoch \(checkpoint.position.epoch) on "
        + (data.map { "all \(grouped(evaluation.events)) events of \($0)" }
          ?? "\(grouped(evaluation.events)) \(verdict.name) events"),
      isWeighted: !events.header.weighsEventsEqually, classes: events.classNames,
      whole: json ?? "-o FILE writes it")
    let faults = ModelFaults(run, events)
    if let warning = faults.warning(evaluation, verdict.name, classes: events.classNames) { report.warn(warning) }
    report.print(processes, classes: events.classNames)

    let mix = checkpoint.model.classMix ?? ClassMix(events.header)
    let discriminant = Discriminant(
      signal: Set(run.evaluation.signalClasses(events.classNames)), expected: mix.expected, training: mix.training)
    let classNames = events.classNames
    let replicas = BootstrapWeights(replicas: run.evaluation.bootstrap, seed: Self.seed)
    let scored = try splits.map { split in
      (name: split.name, events: try evaluator.scoredEvents(network, events, split.use, communicator))
    }
    // The other ranks sleep, however long it takes.
    try communicator.onRoot {
      let samples = scored.compactMap { name, events in
        events.map {
          (name: name, events: $0, figures: SampleFigures($0, classNames: classNames, discriminant, replicas))
        }
      }
      var overtraining: Overtraining?
      if let training = samples.last, training.name == "training", let other = samples.first, samples.count > 1 {
        overtraining = Overtraining(
          (training.events, training.figures), (other.events, other.figures), named: other.name, discriminant,
          seed: Self.seed)
      }
      if let first = samples.first { report.print(first.figures, isWeighted: events.header.hasNominalWeights) }
      report.print(samples.map { ($0.name, $0.figures) }, overtraining)
      let significance = significance(run, samples.map { ($0.name, $0.events) }, discriminant, replicas, events)
      if let significance { report.print(significance, run.evaluation.backgroundUncertainty) }
      let file = EvaluationFile(
        classes: events.classNames, epoch: checkpoint.position.epoch, split: verdict.name, evaluation: evaluation,
        processes: processes, discriminant: discriminant, replicas: replicas.replicas,
        samples: Dictionary(uniqueKeysWithValues: samples.map { ($0.name, $0.figures) }), overtraining: overtraining,
        significance: significance)
      try write(file, output, report)
    }
  }

  /// Writes where the user wants it, or into the run's folder, which others may own: that is no reason to fail.
  private func write(_ file: EvaluationFile, _ output: OutputFile?, _ report: Console) throws {
    let bytes = Array((Runs.json(file) + "\n").utf8)
    if let output { return try output.write(bytes) }
    guard data == nil, FileSystem.isDirectory(model) else { return }
    let path = RunFolder(model).evaluation
    do { try OutputFile(path).write(bytes) } catch { return report.warn("\(Failure(error)); -o names another file") }
    report.print("Written to \(path)")
  }

  /// nil where it cannot be chosen on validation events and quoted on test events, or nothing is known about yields.
  private func significance(
    _ run: RunFile, _ samples: [(name: String, events: ScoredEvents)], _ discriminant: Discriminant,
    _ replicas: BootstrapWeights, _ events: EventStore
  ) -> ExpectedSignificance? {
    guard events.header.hasNominalWeights, let test = samples.first(where: { $0.name == "test" }),
      let validation = samples.first(where: { $0.name == "validation" })
    else { return nil }
    let section = run.evaluation
    let options = ExpectedSignificance.Options(
      bins: section.bins, backgroundUncertainty: section.backgroundUncertainty,
      floors: .init(background: section.minBackground, effectiveEvents: section.minEffectiveEvents))
    return ExpectedSignificance(
      choosing: validation.events, quoting: test.events, discriminant, options, replicas)
  }

  /// Of replicas and permutations: any number does, and always the same gives the same errors.
  private static let seed: UInt64 = 1

  /// Refuses a --data that is a file or does not exist.
  private func requireFolder() throws {
    guard let data, !FileSystem.isDirectory(data) else { return }
    guard FileSystem.exists(data) else {
      throw Failure(
        .missing, "--data \(data.quotedForShell): there is no such folder; give one that holds the run's event files")
    }
    let command = Invocation.current.command(replacing: data, with: [FileSystem.parent(of: data)])
    throw Failure(
      .usage,
      "--data \(data): this is a file; give the folder that holds the run's event files"
        + (command.map { "; type: \($0)" } ?? ""))
  }
}
