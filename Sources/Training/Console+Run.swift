internal import Events
internal import FoundationEssentials
internal import MPI
internal import NeuralNetwork

/// What a run says at its stations.
extension Console {
  /// What runs, when, and for whom: the first line of each life of a run.
  func tellBanner() {
    let job = BatchJob.current.map { ", \($0.description)" } ?? ""
    tell("\(programDescription)\(job), \(Date().formatted(.iso8601))")
  }

  /// Finds out and tells where ranks and threads are. All ranks call it together.
  func tellPlacement(_ communicator: borrowing Communicator, threads: Int?) throws -> Placement {
    let placement = try Placement.gather(communicator, threads: threads)
    tell([placement.line, placement.binding].compactMap { $0 }.joined(separator: ", "))
    for line in placement.warnings { warn(line) }
    return placement
  }

  /// The files that were read.
  func tellFiles(_ processes: [ProcessEvents]) {
    let width = nameWidth(processes.map(\.name))
    let here = FileManager.default.currentDirectoryPath + "/"
    for process in processes {
      for file in process.files {
        let path = file.path.hasPrefix(here) ? String(file.path.dropFirst(here.count)) : file.path
        tell("Read \(padded(process.name, width)) \(aligned(grouped(file.events), 11)) events from \(path)")
      }
    }
  }

  /// How events, network and steps are divided.
  func tellPlan(
    _ run: RunFile, _ dataset: Dataset, _ plan: StepPlan, parameters specification: NetworkSpecification,
    _ communicator: borrowing Communicator
  ) {
    let width = nameWidth(dataset.classNames + ["process"])
    let row = { (name: String, cells: [String]) in
      padded(name, width) + cells.map { aligned($0, 12) }.joined()
    }
    tell()
    tell(row("process", ["training", "validation", "test", "weight"]))
    for (index, counts) in dataset.counts.enumerated() {
      let cells = [counts.training, counts.validation, counts.test].map(grouped)
      tell(row(dataset.classNames[index], cells + [decimals(Double(dataset.classWeights[index]), 4)]))
    }
    let totals = [dataset.training.count, dataset.validation.count, dataset.test.count].map(grouped)
    tell(row("all", totals))
    tell()
    let shares = (0..<communicator.size).map { plan.share(rank: $0, of: communicator.size) }
    tell("Each rank's share of an epoch: \(range(shares)) training events")
    let blocks = plan.blocks(ofStep: 0).blocks
    tell(
      "Steps per epoch: \(grouped(plan.stepsPerEpoch)) of \(grouped(min(plan.batchSize, plan.events))) events, "
        + "in \(blocks) block\(blocks == 1 ? "" : "s") of up to \(plan.block)")
    if blocks < communicator.size {
      warn(
        "a step has \(blocks) block(s) for \(communicator.size) ranks, the others wait; raise training.batch_size "
          + "or start fewer ranks")
    }
    if run.training.reduction == .float32 {
      tell(
        "Gradients are summed in float32: the bits of the result depend on ranks and threads, with several threads on chance"
      )
    }
    if plan.batchSize == 1 && run.training.classWeights != .none {
      warn("training.class_weights have no effect with batch_size 1: a step's loss is divided by the weights it sums")
    }
    for (index, name) in dataset.featureNames.enumerated() where dataset.isConstant(feature: index) {
      warn("feature '\(name)' is the same in every training event")
    }
    tell("Layer structure of the network: \(specification.sizes)")
    tell("Parameters: \(grouped(specification.parameterCount))")
  }

  private func range(_ shares: [Int]) -> String {
    let low = shares.min() ?? 0
    let high = shares.max() ?? 0
    return low == high ? grouped(low) : "\(grouped(low)) to \(grouped(high))"
  }

  private func nameWidth(_ names: [String]) -> Int { (names.map(\.count).max() ?? 0) + 2 }

  func tellEpochHeader() {
    tell()
    tell("epoch     loss  accuracy  val. loss  val. accuracy  learning rate   events/s")
  }

  func tell(_ epoch: EpochRecord, events: Int) {
    let rate = epoch.seconds > 0 ? Double(events) / epoch.seconds : 0
    tell(
      aligned("\(epoch.epoch)", 5) + aligned(decimals(epoch.trainingLoss, 4), 9)
        + aligned(decimals(epoch.trainingAccuracy, 4), 10)
        + aligned(epoch.validationLoss.map { decimals($0, 4) } ?? "–", 11)
        + aligned(epoch.validationAccuracy.map { decimals($0, 4) } ?? "–", 15)
        + aligned("\(decimals(epoch.learningRate, 6))", 15) + aligned(grouped(Int(rate)), 11))
  }

  func tell(_ summary: RunSummary, seconds: Double) {
    tell()
    tell("Trained in \(decimals(seconds, 1)) s. Best model: epoch \(summary.bestEpoch) of \(summary.epochs)")
    let all = [("Test", summary.test), ("Validation", summary.validation), ("Training", summary.training)]
    guard let (name, metrics) = all.lazy.compactMap({ name, metrics in metrics.map { (name, $0) } }).first else {
      return
    }
    tell(
      "\(name) loss \(decimals(metrics.loss, 4)), \(name.lowercased()) accuracy \(decimals(metrics.accuracy, 4)) on \(grouped(metrics.events)) events"
    )
    tell(metrics, classes: summary.classes)
  }

  /// What the checkpoints of a training of so many seconds have cost.
  func tell(_ written: WrittenCheckpoints, seconds: Double) {
    guard written.count > 0, seconds > 0 else { return }
    tell(
      "Checkpoints: \(written.count) of \(grouped((written.bytes + 999) / 1000)) kB, "
        + "\(decimals(written.seconds, 2)) s, \(decimals(100 * written.seconds / seconds, 1)) % of the training")
  }

  /// The confusion matrix.
  func tell(_ metrics: Metrics, classes: [String]) {
    let width = nameWidth(classes + ["true \\ predicted"])
    let column = max(9, nameWidth(classes))
    tell()
    tell(padded("true \\ predicted", width) + classes.map { aligned($0, column) }.joined() + aligned("efficiency", 12))
    for (index, row) in metrics.confusion.enumerated() {
      let total = row.reduce(0, +)
      let efficiency = total > 0 ? decimals(Double(row[index]) / Double(total), 4) : "–"
      tell(padded(classes[index], width) + row.map { aligned(grouped($0), column) }.joined() + aligned(efficiency, 12))
    }
  }
}
