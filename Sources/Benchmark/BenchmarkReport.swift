import FoundationEssentials
package import NeuralNetwork

/// All results of a benchmark, as in the JSON file (there with underscores: `us_per_step`).
package struct BenchmarkReport: Codable, Equatable {
  /// The version of this format.
  package var version = 1
  /// The name of the CPU of rank 0.
  package var cpu: String
  /// The vector instructions of the kernels.
  package var instructionSet: String
  /// The names of the hosts.
  package var hosts: [String]
  /// How many ranks there are.
  package var ranks: Int
  /// Threads of rank 0; other ranks may have a different number.
  package var threads: Int
  /// Threads of all ranks together.
  package var workers: Int
  /// Units per layer.
  package var network: [Int]
  /// The activation of the hidden layers.
  package var activation: String
  /// Further settings of the hidden layers; nil in an older report.
  package var hidden: [NetworkSpecification.HiddenLayer]?
  /// Whether events have weights of their own; nil in an older report.
  package var weights: Bool?
  /// How gradients were summed.
  package var reduction: String
  /// Useful floating-point operations per event.
  package var flopsPerEvent: Double
  /// Repeats of every measurement.
  package var repeats: Int
  /// Fused multiply-adds of one core, in 10⁹ floating-point operations a second.
  package var peakGflops: Double
  /// Median µs of an allreduce of a step's sums; 0 for one rank.
  package var allreduceUs: Double
  /// Whether ranks of a host add in memory that they share; MPI does all where it is missing.
  package var allreduceInSharedMemory: Bool
  /// The cost of a reading of the clock, which is subtracted in the split.
  package var clockNs: Double
  /// One per batch size.
  package var results: [Result] = []

  package init(
    cpu: String, instructionSet: String, hosts: [String], ranks: Int, threads: Int, workers: Int, network: [Int],
    activation: String, hidden: [NetworkSpecification.HiddenLayer]? = nil, weights: Bool? = nil, reduction: String,
    flopsPerEvent: Double, repeats: Int, peakGflops: Double,
    allreduceUs: Double, allreduceInSharedMemory: Bool, clockNs: Double
  ) {
    self.cpu = cpu
    self.instructionSet = instructionSet
    self.hosts = hosts
    self.ranks = ranks
    self.threads = threads
    self.workers = workers
    self.network = network
    self.activation = activation
    self.hidden = hidden
    self.weights = weights
    self.reduction = reduction
    self.flopsPerEvent = flopsPerEvent
    self.repeats = repeats
    self.peakGflops = peakGflops
    self.allreduceUs = allreduceUs
    self.allreduceInSharedMemory = allreduceInSharedMemory
    self.clockNs = clockNs
  }

  /// The result for one batch size.
  package struct Result: Codable, Equatable {
    /// The optimiser's name.
    package var optimizer: String
    /// Events in a step of all ranks.
    package var batch: Int
    /// Blocks in a step, which is also the maximum number of workers with work.
    package var blocks: Int
    package var usPerStep: Double
    /// Lower quartile.
    package var usPerStepLow: Double
    /// Upper quartile.
    package var usPerStepHigh: Double
    /// From the median.
    package var eventsPerS: Double
    /// Useful ones, from the median.
    package var gflops: Double
    /// Of the peak of as many cores as there are workers.
    package var percentOfPeak: Double
    /// How much of the time rank 0 waited for a CPU because others ran on it, in percent.
    package var percentWaiting: Double
    package var split: StepSplit
    /// µs of a step of one rank with one thread, measured in the same run; where asked for.
    package var soloUsPerStep: Double?
    /// The speed-up over one rank with one thread, divided by the workers; where asked for.
    package var efficiency: Double?
  }

  /// The results of one batch size from what was measured.
  package func result(
    optimizer: BenchmarkOptimizer = .sgd, batch: Int, blocks: Int, timing: Quartiles, split: StepSplit, waiting: Double,
    solo: Double?
  ) -> Result {
    let gflops = flopsPerEvent * Double(batch) / timing.median * 1e-3
    return Result(
      optimizer: optimizer.rawValue, batch: batch, blocks: blocks, usPerStep: timing.median, usPerStepLow: timing.low,
      usPerStepHigh: timing.high,
      eventsPerS: Double(batch) / timing.median * 1e6, gflops: gflops,
      percentOfPeak: 100 * gflops / (peakGflops * Double(workers)), percentWaiting: 100 * waiting, split: split,
      soloUsPerStep: solo,
      efficiency: solo.map { $0 / (timing.median * Double(workers)) })
  }
  package func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }
}
