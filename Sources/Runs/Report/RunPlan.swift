package import Events
import Machine
import NeuralNetwork
package import RunFiles
import Training

/// How a training will divide its events and its work, as far as known before it starts, and the findings about that.
package struct RunPlan {
  private let run: RunFile
  /// The number of events of each class for each use.
  private let counts: [EventCounts]
  package let ranks: Int
  /// Per rank.
  package let threads: Int
  private let steps: StepPlan
  /// For each process in file order: its class and its number of training events; nil if the classes are mixed.
  private let order: [(index: Int, events: Int)]?

  package init(_ run: RunFile, _ survey: EventSurvey, ranks: Int, threads: Int) {
    (self.run, self.ranks, self.threads) = (run, ranks, threads)
    counts = survey.counts
    let options = run.trainerOptions
    steps = StepPlan(events: counts.total(.training), batchSize: options.batchSize, block: options.block)
    let trained = survey.processes.filter { $0.use == .train }
    order =
      trained.contains { $0.classIndex == nil }
      ? nil
      : trained.map { process in
        (process.classIndex ?? 0, process.totals.reduce(0) { $0 + $1.counts.training })
      }
  }

  package var trainingEvents: Int { counts.total(.training) }
  package var validationEvents: Int { counts.total(.validation) }
  package var stepsPerEpoch: Int { steps.stepsPerEpoch }
  package var blocks: Int { steps.blocks(ofStep: 0).blocks }
  /// The number of threads that get work in a step.
  package func workers(_ threads: Int) -> Int { max(1, min(threads, blocks)) }

  /// The number of events, and how steps are divided.
  package var lines: [String] {
    guard trainingEvents > 0 else { return [] }
    return [
      "Events: \(grouped(trainingEvents)) training, \(grouped(validationEvents)) validation, "
        + "\(grouped(counts.total(.test))) test",
      "Plan: \(counted(ranks, "rank")) × \(counted(threads, "thread")), \(grouped(stepsPerEpoch)) "
        + "step\(stepsPerEpoch == 1 ? "" : "s") per epoch of \(grouped(steps.fullBatch)) events in \(counted(blocks, "block")) of "
        + "up to \(grouped(steps.block))",
    ]
  }

  package var findings: [Finding] {
    guard trainingEvents > 0 else { return [] }
    let names = run.data.classNames
    var findings: [Finding] = []
    let rare = RareClasses(
      names, counts, batchSize: run.training.batchSize, shuffles: run.training.shuffle || order == nil, order: order)
    if let warning = rare.warning { findings.append(Finding(.warning, "rare-class", what: warning)) }
    for (figures, use) in [("validation", EventUse.validation), ("test", .test)] {
      if let missing = Self.missing(figures, use, names, counts, run.split) { findings.append(missing) }
    }
    findings += fewEvents(names) + idle
    if let imbalance = imbalance(names) { findings.append(imbalance) }
    return findings
  }

  /// Classes without validation or test events although the split has a share for them.
  static func missing(
    _ figures: String, _ use: EventUse, _ names: [String], _ counts: [EventCounts], _ split: RunFile.SplitSection
  ) -> Finding? {
    let missing = zip(names, counts).filter { $0.1[use] == 0 }
    let division = split.split(in: "")
    guard division.isFor(use), !missing.isEmpty else { return nil }
    let share = use == .validation ? split.validation : split.test
    let remedy =
      division.hasShares
      ? "raise split.\(figures) (now \(decimals(share, 4)))" : "name more of them in split.by"
    let list =
      missing.prefix(10).map { "\(Console.tableName($0.0)) (\(counted($0.1.total, "event")))" }.joined(separator: ", ")
      + (missing.count > 10 ? ", …" : "")
    return Finding(
      .warning, "no-\(figures)-events",
      what:
        "no \(figures) events in \(list), so the \(figures) figures say nothing about \(missing.count == 1 ? "it" : "them")",
      advice: "use more events or \(remedy)")
  }

  /// Classes with too few training, validation or test events. The error of an efficiency from n events is at most 0.5/√n: 9 % for n = 30.
  private func fewEvents(_ names: [String]) -> [Finding] {
    zip(names, counts).flatMap { name, counts -> [Finding] in
      var findings: [Finding] = []
      if (1..<50).contains(counts.training) {
        findings.append(
          Finding(
            .warning, "few-training-events",
            what:
              "class \(name) has \(counted(counts.training, "training event")), few enough for a network to memorise",
            advice: "use more events"))
      }
      for (figures, count) in [("validation", counts.validation), ("test", counts.test)] where (1..<30).contains(count)
      {
        findings.append(
          Finding(
            .note, "few-\(figures)-events",
            what:
              "class \(name) has \(counted(count, "\(figures) event")): its efficiency has a statistical error of up to "
              + "\(decimals(50 / Double(count).squareRoot(), 0)) %",
            advice: "use more events, or raise their share in split"))
      }
      return findings
    } + manyParameters
  }

  /// A network with a hundred parameters per event can memorise all events many times over.
  private var manyParameters: [Finding] {
    let parameters = run.networkSpecification.parameterCount
    guard parameters > 100 * trainingEvents else { return [] }
    return [
      Finding(
        .note, "many-parameters",
        what: "the network has \(grouped(parameters)) parameters for \(counted(trainingEvents, "training event"))",
        advice: "watch the validation loss, or make network.hidden smaller")
    ]
  }

  /// Rare classes without balanced class weights.
  private func imbalance(_ names: [String]) -> Finding? {
    guard run.training.classWeights == .none, run.data.weight.isEmpty,
      let most = counts.indices.max(by: { counts[$0].training < counts[$1].training }),
      let least = counts.indices.min(by: { counts[$0].training < counts[$1].training }),
      counts[least].training > 0, counts[most].training > 100 * counts[least].training
    else { return nil }
    return Finding(
      .warning, "class-imbalance",
      what: "\(names[most]) has \(grouped(counts[most].training)) training events, \(names[least]) "
        + "\(grouped(counts[least].training)), and training.class_weights is none, so a network that never predicts \(names[least]) "
        + "is almost always right", advice: "set training.class_weights: balanced")
  }

  /// Ranks and threads without work.
  private var idle: [Finding] {
    if blocks < ranks {
      return [
        Finding(
          .warning, "idle-ranks",
          what: "a step has \(counted(blocks, "block")) for \(counted(ranks, "rank")), so the other ranks wait",
          advice: "raise training.batch_size or start fewer ranks")
      ]
    }
    guard blocks < ranks * threads, ranks > 1 else { return [] }
    return [
      Finding(
        .note, "idle-threads",
        what:
          "a step has \(counted(blocks, "block")) for \(grouped(ranks)) × \(counted(threads, "thread")), so some of them wait",
        advice: "raise training.batch_size, or ask for fewer CPUs")
    ]
  }
}
