internal import FoundationEssentials
internal import Kernels
internal import MPI
internal import NeuralNetwork

/// `dist-train benchmark`: what this machine gives, measured on steps of a training with made-up events.
public struct BenchmarkCommand: Sendable {
  /// Events per step over all ranks, one measurement each.
  public var batchSizes: [Int]
  /// Units per layer from inputs to classes.
  public var layerSizes: [Int]
  /// The activation of the hidden layers, one of ``activations``.
  public var activation: String
  /// How gradients are summed, one of ``reductions``.
  public var reduction: String
  /// Threads per rank; nil for a fair share of the host's CPUs.
  public var threads: Int?
  /// How often everything is measured.
  public var repeats: Int
  /// Whether one rank with one thread is measured too.
  public var efficiency: Bool
  /// Where to write the results; nil for nowhere.
  public var json: String?

  /// All by name.
  public init(
    batchSizes: [Int], layerSizes: [Int], activation: String, reduction: String, threads: Int?, repeats: Int,
    efficiency: Bool, json: String?
  ) {
    self.batchSizes = batchSizes
    self.layerSizes = layerSizes
    self.activation = activation
    self.reduction = reduction
    self.threads = threads
    self.repeats = repeats
    self.efficiency = efficiency
    self.json = json
  }

  /// The activations that there are.
  public static let activations = Activation.allCases.map(\.rawValue)

  /// The ways of summing that there are.
  public static let reductions = Reduction.allCases.map(\.rawValue)

  /// Measures, tells and writes; every rank calls it. Returns the exit code.
  public func run() -> Int32 {
    underMPI(threads: threads) { communicator in
      let console = Console(speaks: communicator.isRoot, progress: .off)
      let threads = try console.tellPlacement(communicator, threads: threads).threads(ofRank: communicator.rank)
      let runs = try batchSizes.map { batchSize in
        try RunFile(
          benchmarking: layerSizes, activation: Activation(rawValue: activation) ?? .relu, batchSize: batchSize,
          reduction: Reduction(rawValue: reduction) ?? .exact)
      }
      let events = batchSizes.map(BenchmarkEvents.count).max() ?? 0
      let host = try HostMemory(communicator)
      try requireMemory(runs, events: events, threads: threads, host, communicator)

      let made = BenchmarkEvents(count: events, features: layerSizes[0], classes: layerSizes[layerSizes.count - 1])
      let specification = runs[0].networkSpecification
      let sums = try StepBenchmark(runs[0], dataset: made.dataset(count: events), threads: 1, .solo()).valuesInSums
      let workers = try communicator.allGather(Array(String(threads).utf8)).reduce(0) {
        $0 + (Int(String(decoding: $1, as: UTF8.self)) ?? 1)
      }
      let allreduce = try BenchmarkMachine.allreduce(count: sums, of: runs[0].training.reduction, communicator)
      var report = BenchmarkReport(
        cpu: BenchmarkMachine.cpuName, instructionSet: KernelSet.chosen.instructionSet,
        hosts: Set(host.hostNames).sorted(), ranks: communicator.size,
        threads: threads, workers: workers, network: layerSizes, activation: activation, reduction: reduction,
        flopsPerEvent: specification.operationsPerEvent, repeats: repeats,
        peakGflops: try BenchmarkMachine.peak(communicator),
        allreduceUs: allreduce.microseconds, allreduceInSharedMemory: allreduce.inSharedMemory,
        clockNs: PhaseClock.measureCost())
      console.tell(report, parameters: specification.parameterCount, sums: sums)
      console.tellSpeedHeader(efficiency: efficiency)
      for run in runs {
        let result = try measure(run, made, threads: threads, report, communicator)
        console.tellSpeed(result)
        report.results.append(result)
      }
      console.tellSplits(report.results)
      console.warnOfOthers(report.results)
      try communicator.onRoot {
        if let json { try AtomicFile.write(report.json(), to: json) }
      }
    }
  }

  /// Measures one batch size. All ranks call it together.
  private func measure(
    _ run: RunFile, _ events: BenchmarkEvents, threads: Int, _ report: BenchmarkReport,
    _ communicator: borrowing Communicator
  ) throws -> BenchmarkReport.Result {
    let batch = run.training.batchSize
    let dataset = events.dataset(count: BenchmarkEvents.count(batchSize: batch))
    var steps = try StepBenchmark(run, dataset: dataset, threads: threads, communicator)
    let (timing, split, waiting) = try steps.timingAndSplit(repeats: repeats, clockCost: report.clockNs, communicator)
    var solo: Double?
    if efficiency {
      solo = try BenchmarkMachine.alone(communicator, seconds: StepBenchmark.repeatSeconds * Double(repeats + 1)) {
        var alone = try StepBenchmark(run, dataset: dataset, threads: 1, .solo())
        return try alone.timing(repeats: repeats, .solo()).median
      }
    }
    return report.result(
      batch: batch, blocks: steps.blocks, timing: timing, split: split, waiting: waiting, solo: solo)
  }

  /// All ranks call it together.
  private func requireMemory(
    _ runs: [RunFile], events: Int, threads: Int, _ host: HostMemory, _ communicator: borrowing Communicator
  ) throws {
    // All events and a copy for the batch size at hand, padded to a cache line; with --efficiency a second trainer.
    let dataset = Double(events) * Double((layerSizes[0] + 15) / 16) * 64 * 2
    let trainer = runs.map { $0.workingMemory(events: events, threads: threads) }.max() ?? 0
    let alone = efficiency ? runs.map { $0.workingMemory(events: events, threads: 1) }.max() ?? 0 : 0
    try communicator.onRoot {
      try host.require(
        (dataset + trainer) * Double(host.ranks) + alone, for: "the benchmark",
        advice: "make --network or --batch smaller, or start fewer ranks or threads")
    }
  }
}
