import ArgumentParser
import Benchmark
import Events
import KernelOperands
import Kernels
import Machine
import MPI
import NeuralNetwork
import Runs
import Training

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure how fast this machine trains; needs no files.",
    usage: "dist-train benchmark [options]",
    discussion: """
      mpirun -np 8 dist-train benchmark --efficiency
      dist-train benchmark --network 28-1024-1024-1024-2 --batch 1024

      Times whole training steps on random events at several batch sizes, and
      prints events per second, the share of the processor's peak performance,
      and where the time goes.
      """)

  @Option(help: ArgumentHelp("Batch sizes: events per step, over all ranks.", valueName: "sizes"))
  var batch = "1,8,32,128,512,1024,4096,16384"

  @Option(help: ArgumentHelp("Units per layer: inputs, hidden layers, classes.", valueName: "layers"))
  var network = "15-30-30-30-4"

  @Option(
    help: ArgumentHelp(
      "Activation of the hidden layers: \(names(of: Activation.self)).", valueName: "name"))
  var activation = "relu"

  @Option(
    help: ArgumentHelp(
      "Optimisers, each measured at every batch size: \(names(of: BenchmarkOptimizer.self)).", valueName: "names"))
  var optimizer = "sgd"

  @Option(
    help: ArgumentHelp("Dropout probability of the hidden units, below 1.", valueName: "p"))
  var dropout = 0.0

  @Option(
    help: ArgumentHelp(
      "Settings of the hidden layers, any of activation=silu,norm=layer,skip=true,dropout=0.1.",
      valueName: "list"))
  var hiddenOptions = ""

  @Option(
    help: ArgumentHelp("How gradients are summed: \(names(of: Reduction.self)).", valueName: "name"))
  var reduction = "exact"

  @Flag(help: "Give every event a weight of its own.")
  var weights = false

  @OptionGroup var threads: ThreadOptions

  @Option(help: "Number of measurements of each batch size; the medians are printed.")
  var repeats = 7

  @Flag(help: "Measure one rank with one thread too, and print the parallel efficiency.")
  var efficiency = false

  @Option(
    help: ArgumentHelp("Also write the results to this file, as JSON.", valueName: "file.json"),
    completion: .file(extensions: ["json"]))
  var json: String?

  func validate() throws {
    do {
      _ = try BenchmarkLists.batchSizes(batch)
      _ = try BenchmarkLists.layerSizes(network)
      _ = try BenchmarkLists.optimizers(optimizer)
      _ = try HiddenOptions(hiddenOptions)
    } catch {
      throw ValidationError(error.description)
    }
    let _: Activation = try choice(activation, of: "--activation")
    let _: Reduction = try choice(reduction, of: "--reduction")
    guard dropout >= 0 && dropout < 1 else {
      throw ValidationError("--dropout \(dropout): give a number of at least 0 and below 1")
    }
    if repeats < 1 || repeats > 1000 { throw ValidationError("--repeats \(repeats): give a number from 1 to 1000") }
  }

  func run() throws {
    try withMPI(threads: threads.threads) { communicator in try measure(communicator) }
  }

  private func measure(_ communicator: borrowing Communicator) throws {
    let (batchSizes, layerSizes) = try (BenchmarkLists.batchSizes(batch), BenchmarkLists.layerSizes(network))
    let report = Console(speaks: communicator.isRoot, progress: .off)
    let placement = try report.printPlacement(communicator, threads: threads.threads)
    let threads = placement.threads(ofRank: communicator.rank)
    let optimizers = try BenchmarkLists.optimizers(optimizer)
    var hidden = try HiddenOptions(hiddenOptions)
    if dropout > 0 { hidden.dropout = dropout }
    // Optimisers in turn, so that other load on the machine affects all of them alike.
    let cases = batchSizes.flatMap { batchSize in optimizers.map { (batchSize: batchSize, optimizer: $0) } }
    let runs = try cases.map { item in
      Trainer.Options(
        benchmarking: layerSizes, activation: try choice(activation, of: "--activation"), options: hidden,
        optimizer: item.optimizer, batchSize: item.batchSize, reduction: try choice(reduction, of: "--reduction"))
    }
    let events = batchSizes.map(BenchmarkEvents.count).max() ?? 0
    // Refused before anything is measured.
    var output: OutputFile?
    try communicator.onRoot { output = try jsonOutput(json) }
    try requireMemory(runs, events: events, threads: threads, placement, communicator)

    let made = BenchmarkEvents(count: events, features: layerSizes[0], classes: layerSizes[layerSizes.count - 1])
    let specification = runs[0].network
    let sums = try StepBenchmark(runs[0], events: made.store(count: events, hasWeights: weights), threads: 1, .solo())
      .valuesInSums
    let workers = try communicator.gather(threads).reduce(0, +)
    let allreduce = try BenchmarkMachine.allreduce(count: sums, of: runs[0].reduction, communicator)
    var results = BenchmarkReport(
      cpu: BenchmarkMachine.cpuName, instructionSet: KernelSet.chosen.instructionSet,
      hosts: Set(placement.hostsByRank).sorted(), ranks: communicator.size,
      threads: threads, workers: workers, network: layerSizes,
      activation: hidden.activation?.rawValue ?? activation, hidden: specification.hidden, weights: weights,
      reduction: reduction, flopsPerEvent: specification.operationsPerEvent, repeats: repeats,
      peakGflops: try BenchmarkMachine.peak(communicator),
      allreduceUs: allreduce.microseconds, allreduceInSharedMemory: allreduce.inSharedMemory,
      clockNs: PhaseClock.measureCost())
    report.print(results, parameters: specification.parameterCount, sums: sums)
    for line in specification.layerDescriptions() { report.print(line) }
    report.printSpeedHeader(efficiency: efficiency)
    for (run, item) in zip(runs, cases) {
      let result = try measure(run, item.optimizer, made, threads: threads, results, communicator)
      report.printSpeed(result)
      results.results.append(result)
    }
    report.printSplits(results.results)
    report.warnOfOthers(results.results)
    try communicator.onRoot {
      try output?.write(results.json())
    }
  }

  /// Measures one batch size.
  /// - Collective: every rank of the communicator calls it.
  private func measure(
    _ run: Trainer.Options, _ optimizer: BenchmarkOptimizer, _ events: BenchmarkEvents, threads: Int,
    _ report: BenchmarkReport,
    _ communicator: borrowing Communicator
  ) throws -> BenchmarkReport.Result {
    let batch = run.batchSize
    let store = events.store(count: BenchmarkEvents.count(batchSize: batch), hasWeights: weights)
    var steps = try StepBenchmark(run, events: store, threads: threads, communicator)
    let (timing, split, waiting) = try steps.timingAndSplit(repeats: repeats, clockCost: report.clockNs, communicator)
    var solo: Double?
    if efficiency {
      solo = try BenchmarkMachine.alone(communicator, seconds: StepBenchmark.repeatSeconds * Double(repeats + 1)) {
        var alone = try StepBenchmark(run, events: store, threads: 1, .solo())
        return try alone.timing(repeats: repeats, .solo()).median
      }
    }
    return report.result(
      optimizer: optimizer, batch: batch, blocks: steps.blocks, timing: timing, split: split, waiting: waiting,
      solo: solo)
  }

  /// Refuses what does not fit into the host's memory: all events and a copy for the batch size at hand; with --efficiency a
  /// second trainer.
  /// - Collective: every rank of the communicator calls it.
  private func requireMemory(
    _ runs: [Trainer.Options], events: Int, threads: Int, _ placement: Placement,
    _ communicator: borrowing Communicator
  ) throws {
    let store =
      2
      * Double(EventStore.Layout(events: events, features: runs[0].network.inputs, weights: weights ? 1 : 0).byteCount)
    let trainer = runs.map { $0.workingMemory(events: events, threads: threads) }.max() ?? 0
    let alone = efficiency ? runs.map { $0.workingMemory(events: events, threads: 1) }.max() ?? 0 : 0
    try communicator.onRoot {
      let ranks = placement.ranks(onHost: hostName())
      try HostMemory().require(
        (store + trainer) * Double(ranks) + alone, for: "the benchmark",
        advice: "make --network or --batch smaller, or start fewer ranks or threads")
    }
  }
}
