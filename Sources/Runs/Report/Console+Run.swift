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
  /// What runs, when, and for whom: the first line of each life of a run.
  func printBanner() {
    let job = BatchJob.current.map { ", \($0.description)" } ?? ""
    print("\(programDescription)\(job), \(Date().formatted(.iso8601))")
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
    let width = nameWidth(files.map(\.process))
    let here = FileSystem.workingDirectory + "/"
    for file in files {
      let path = file.path.hasPrefix(here) ? String(file.path.dropFirst(here.count)) : file.path
      print("Read \(padded(file.process, width)) \(aligned(grouped(file.events), 11)) events from \(path)")
    }
  }

  /// How events, network and steps are divided.
  func printPlan(
    _ trainer: borrowing Trainer, classWeights: ClassWeights, _ communicator: borrowing Communicator
  ) {
    let (events, plan, specification) = (trainer.events, trainer.plan, trainer.options.network)
    let width = nameWidth(events.classNames + ["process"])
    let row = { (name: String, cells: [String]) in
      padded(name, width) + cells.map { aligned($0, 12) }.joined()
    }
    print()
    print(row("process", ["training", "validation", "test", "weight"]))
    for (index, counts) in events.counts.enumerated() {
      let cells = [counts.training, counts.validation, counts.test].map(grouped)
      print(row(events.classNames[index], cells + [decimals(Double(events.classWeights[index]), 4)]))
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
        "a step has \(blocks) block(s) for \(communicator.size) ranks, the others wait; raise training.batch_size "
          + "or start fewer ranks")
    }
    if trainer.options.reduction == .float32 {
      print(
        "Gradients are summed in float32: the bits of the result depend on ranks and threads, with several threads on chance"
      )
    }
    if plan.batchSize == 1 && classWeights != .none {
      warn("training.class_weights have no effect with batch_size 1: a step's loss is divided by the weights it sums")
    }
    for (index, name) in events.featureNames.enumerated() where events.isConstant(feature: index) {
      warn("feature '\(name)' is the same in every training event")
    }
    print("Layer structure of the network: \(specification.sizes)")
    print("Parameters: \(grouped(specification.parameterCount))")
  }

  /// Where a run continues.
  func printResumed(_ checkpoint: Checkpoint, epochs: Int, file: String) {
    let position = checkpoint.position
    let steps = position.step > 0 ? " and \(position.step) steps" : ""
    print("Resumed after epoch \(position.epoch)\(steps) of \(epochs), from \(file)")
  }

  private func range(_ shares: [Int]) -> String {
    let low = shares.min() ?? 0
    let high = shares.max() ?? 0
    return low == high ? grouped(low) : "\(grouped(low)) to \(grouped(high))"
  }

  private func nameWidth(_ names: [String]) -> Int { (names.map(\.count).max() ?? 0) + 2 }

  /// The titles of the metrics' columns: those of the training events, then those of the validation events.
  private static let metricTitles = Metric.all.map(\.name) + Metric.all.map { "val. \($0.name)" }

  private func metricRow(_ cells: [String]) -> String {
    zip(Self.metricTitles, cells).map { title, cell in aligned(cell, max(9, title.count + 2)) }.joined()
  }

  func printEpochHeader() {
    print()
    print("epoch" + metricRow(Self.metricTitles) + "  learning rate   events/s")
  }

  func print(_ epoch: EpochRecord, events: Int) {
    let rate = epoch.seconds > 0 ? Double(events) / epoch.seconds : 0
    let training = epoch.training.values.map { decimals($0, 4) }
    let validation = epoch.validation?.values.map { decimals($0, 4) } ?? training.map { _ in "–" }
    print(
      aligned("\(epoch.epoch)", 5) + metricRow(training + validation)
        + aligned("\(decimals(epoch.learningRate, 6))", 15) + aligned(grouped(Int(rate)), 11))
  }

  func print(_ summary: RunSummary, seconds: Double) {
    print()
    print("Trained in \(decimals(seconds, 1)) s. Best model: epoch \(summary.bestEpoch) of \(summary.epochs)")
    let all = [("Test", summary.test), ("Validation", summary.validation), ("Training", summary.training)]
    guard let (name, evaluation) = all.lazy.compactMap({ name, result in result.map { (name, $0) } }).first else {
      return
    }
    let values = evaluation.metrics.description { "\(name.lowercased()) \($0)" }
    print("\(name)\(values.dropFirst(name.count)) on \(grouped(evaluation.events)) events")
    print(evaluation, classes: summary.classes)
  }

  /// What the checkpoints of a training of so many seconds have cost.
  func print(_ written: WrittenCheckpoints, seconds: Double) {
    guard written.count > 0, seconds > 0 else { return }
    print(
      "Checkpoints: \(written.count) of \(grouped((written.bytes + 999) / 1000)) kB, "
        + "\(decimals(written.seconds, 2)) s, \(decimals(100 * written.seconds / seconds, 1)) % of the training")
  }

  /// The confusion matrix.
  package func print(_ evaluation: Evaluation, classes: [String]) {
    let width = nameWidth(classes + ["true \\ predicted"])
    let column = max(9, nameWidth(classes))
    print()
    print(padded("true \\ predicted", width) + classes.map { aligned($0, column) }.joined() + aligned("efficiency", 12))
    for (index, row) in evaluation.confusion.enumerated() {
      let total = row.reduce(0, +)
      let efficiency = total > 0 ? decimals(Double(row[index]) / Double(total), 4) : "–"
      print(padded(classes[index], width) + row.map { aligned(grouped($0), column) }.joined() + aligned(efficiency, 12))
    }
  }
}
