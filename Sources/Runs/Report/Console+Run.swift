package import Events
import FoundationEssentials
import Machine
package import MPI
import NeuralNetwork
package import Results
import RunFiles
import Training

/// What a run prints on its way.
extension Console {
  /// The version, the time and the batch job: the first line after each start of a run.
  func printBanner() {
    let job = BatchJob.current.map { ", \($0.description)" } ?? ""
    print("\(programDescription)\(job), \(Date().formatted(.iso8601))")
  }

  /// The keys that the run file leaves out.
  func printDefaults(_ run: RunFile) {
    guard !run.defaults.isEmpty else { return }
    print("Not in the run file, so defaults are used: \(run.defaults.joined(separator: ", "))")
  }

  /// Finds out and prints where ranks and threads are.
  /// - Collective: every rank of the communicator calls it.
  package func printPlacement(_ communicator: borrowing Communicator, threads: Int?) throws -> Placement {
    let placement = try Placement.gather(communicator, threads: threads)
    print([placement.line, placement.binding].compactMap { $0 }.joined(separator: ", "))
    for line in placement.warnings { warn(line) }
    return placement
  }

  /// The files that were read.
  package func print(_ files: [EventFile]) {
    let width = Self.nameWidth(files.map(\.process))
    let here = FileSystem.workingDirectory + "/"
    func shown(_ path: String) -> String { path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path }
    for file in files {
      let weights = file.weights.map { ", weights from \(shown($0.path))" } ?? ""
      print(
        "Read \(padded(Self.tableName(file.process), width)) \(aligned(grouped(file.events), 11)) events from "
          + shown(file.path) + weights)
    }
  }

  /// How events, network and steps are divided.
  func printPlan(_ trainer: borrowing Trainer, _ split: RunFile.SplitSection, _ communicator: borrowing Communicator) {
    let (events, plan, specification) = (trainer.events, trainer.plan, trainer.options.network)
    let title = events.header.isPlain ? "process" : "class"
    let width = Self.nameWidth(events.classNames + [title])
    let row = { (name: String, cells: [String]) in
      padded(Self.tableName(name), width) + cells.map { aligned($0, 12) }.joined()
    }
    printCutflow(events.header)
    printProcesses(events)
    print()
    print(row(title, ["training", "validation", "test", "weight"]))
    for (index, counts) in events.counts.enumerated() {
      let cells = [counts.training, counts.validation, counts.test].map(grouped)
      print(row(events.classNames[index], cells + [weight(ofClass: index, events)]))
    }
    let totals = [events.training.count, events.validation.count, events.test.count].map(grouped)
    print(row("all", totals))
    print()
    let shares = (0..<communicator.size).map { plan.share(rank: $0, of: communicator.size) }
    print("Each rank's share of an epoch: \(range(shares)) training events")
    let blocks = plan.blocks(ofStep: 0).blocks
    print(
      "Steps per epoch: \(grouped(plan.stepsPerEpoch)) of \(grouped(plan.fullBatch)) events, "
        + "in \(counted(blocks, "block")) of up to \(plan.block)")
    if blocks < communicator.size {
      warn(
        "a step has \(counted(blocks, "block")) for \(communicator.size) ranks, so the other ranks wait; raise "
          + "training.batch_size or start fewer ranks")
    }
    if trainer.options.reduction == .float32 {
      print(
        "Gradients are summed in float32: the last bits of the result depend on the number of ranks and threads, and with "
          + "several threads they differ from run to run"
      )
    }
    warnOfMissing("validation", .validation, split, events)
    warnOfMissing("test", .test, split, events)
    let rare = RareClasses(events.header, batchSize: plan.batchSize, shuffles: trainer.options.shuffle)
    if let warning = rare.warning { warn(warning) }
    print("Layer structure of the network: \(specification.sizes)")
    for line in specification.layerDescriptions() { print(line) }
    print("Parameters: \(grouped(specification.parameterCount))")
    printOptimizer(trainer.options)
  }

  /// Warns of classes without validation or test events although the split has a share for them.
  private func warnOfMissing(
    _ figures: String, _ use: EventUse, _ split: RunFile.SplitSection, _ events: EventStore
  ) {
    if let missing = RunPlan.missing(figures, use, events.classNames, events.counts, split) { warn(missing.line) }
  }

  /// What the training events of a class weigh on the mean, relative to that of all.
  private func weight(ofClass index: Int, _ events: EventStore) -> String {
    let header = events.header
    guard header.hasMonitorWeights else { return decimals(Double(header.classWeights[index]), 4) }
    let sum = header.processes.reduce(0) { $0 + ($1.use == .train ? $1.trainingWeights[index] : 0) }
    return decimals(sum / Double(events.counts[index].training) / header.meanWeight, 4)
  }

  /// Where a run continues.
  func printResumed(_ checkpoint: Checkpoint, epochs: Int, file: String) {
    let position = checkpoint.position
    let steps = position.step > 0 ? " and \(counted(position.step, "step"))" : ""
    print("Resumed after epoch \(position.epoch)\(steps) of \(epochs), from \(file)")
  }

  private func range(_ shares: [Int]) -> String {
    let low = shares.min() ?? 0
    let high = shares.max() ?? 0
    return low == high ? grouped(low) : "\(grouped(low)) to \(grouped(high))"
  }

  /// Longer names are abridged in tables, in columns.
  static let longestName = 28

  /// A name as tables show it.
  static func tableName(_ name: String) -> String { name.abridged(toColumns: longestName) }

  /// The width of a column of names.
  static func nameWidth(_ names: [String]) -> Int { (names.map { tableName($0).columns }.max() ?? 0) + 2 }

  /// The titles of the metrics' columns: those of the training events, then those of the validation events. With all metrics that
  /// there are a line has 99 columns.
  private func metricTitles(training: [Metric], validation: [Metric]) -> [String] {
    training.map(\.title) + validation.map { "val. \($0.title)" }
  }

  private func metricRow(_ titles: [String], _ cells: [String]) -> String {
    zip(titles, cells).map { title, cell in aligned(cell, max(9, title.count + 2)) }.joined()
  }

  package func printEpochHeader(_ metrics: [Metric]) {
    let titles = metricTitles(training: metrics.ofSteps, validation: metrics)
    print()
    print("epoch" + metricRow(titles, titles) + "  learning rate   events/s")
  }

  package func print(_ epoch: EpochRecord, _ metrics: [Metric], events: Int) {
    let rate = epoch.seconds > 0 ? Double(events) / epoch.seconds : 0
    let training = epoch.training.values.map { decimals($0, 4) }
    let validation = metrics.map { metric in epoch.validation.map { decimals($0[metric], 4) } ?? "–" }
    let titles = metricTitles(training: epoch.training.metrics, validation: metrics)
    print(
      aligned("\(epoch.epoch)", 5) + metricRow(titles, training + validation)
        + aligned("\(decimals(epoch.learningRate, 6))", 15) + aligned(grouped(Int(rate)), 11))
  }

  func print(_ summary: RunSummary, _ faults: ModelFaults, metricsFile: String, seconds: Double) {
    print()
    print("Trained in \(decimals(seconds, 1)) s. Best model: epoch \(summary.bestEpoch) of \(summary.epochs)")
    guard let (name, evaluation) = summary.verdict else { return }
    print(
      evaluation, title: "On \(grouped(evaluation.events)) \(name) events",
      isWeighted: summary.isWeighted, classes: summary.classes, whole: "\"\(name)\" in \(metricsFile)")
    print(summary.processes, classes: summary.classes)
    if let warning = faults.warning(evaluation, name, classes: summary.classes) { warn(warning) }
  }

  /// The time spent on checkpoints in a training of this many seconds.
  func print(_ written: WrittenCheckpoints, seconds: Double) {
    guard written.count > 0, seconds > 0 else { return }
    print(
      "Checkpoints: \(written.count) × \(grouped((written.bytes + 999) / 1000)) kB, written in "
        + "\(decimals(written.seconds, 2)) s (\(decimals(100 * written.seconds / seconds, 1)) % of the training time)")
  }
}
