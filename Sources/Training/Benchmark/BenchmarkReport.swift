internal import FoundationEssentials

/// All that a benchmark finds, as it stands in the JSON file (there with underscores: `us_per_step`).
struct BenchmarkReport: Codable, Equatable {
  /// The version of this format.
  var version = 1
  /// The name of the CPU of rank 0.
  var cpu: String
  /// The vector instructions of the kernels.
  var instructionSet: String
  /// The names of the hosts.
  var hosts: [String]
  /// How many ranks there are.
  var ranks: Int
  /// Threads of all ranks' plan: of rank 0.
  var threads: Int
  /// Threads of all ranks together.
  var workers: Int
  /// Units per layer.
  var network: [Int]
  /// The activation of the hidden layers.
  var activation: String
  /// Useful floating-point operations per event.
  var flopsPerEvent: Double
  /// Repeats of every measurement.
  var repeats: Int
  /// Fused multiply-adds of one core, in 10⁹ floating-point operations a second.
  var peakGflops: Double
  /// Median µs of an allreduce of a step's sums; 0 for one rank.
  var allreduceUs: Double
  /// What a reading of the clock costs; it is taken off the split.
  var clockNs: Double
  /// One per batch size.
  var results: [Result] = []

  /// What was found for one batch size.
  struct Result: Codable, Equatable {
    /// Events in a step of all ranks.
    var batch: Int
    /// Blocks in a step: more workers than that cannot have a part in it.
    var blocks: Int
    /// Median.
    var usPerStep: Double
    /// Lower quartile.
    var usPerStepLow: Double
    /// Upper quartile.
    var usPerStepHigh: Double
    /// From the median.
    var eventsPerS: Double
    /// Useful ones, from the median.
    var gflops: Double
    /// Of the peak of as many cores as there are workers.
    var percentOfPeak: Double
    /// µs.
    var split: StepSplit
    /// µs of a step of one rank with one thread, measured in the same run; where asked for.
    var soloUsPerStep: Double?
    /// The speed-up over one rank with one thread, divided by the workers; where asked for.
    var efficiency: Double?
  }

  /// The results of one batch size from what was measured.
  func result(batch: Int, blocks: Int, timing: Spread, split: StepSplit, solo: Double?) -> Result {
    let gflops = flopsPerEvent * Double(batch) / timing.median * 1e-3
    return Result(
      batch: batch, blocks: blocks, usPerStep: timing.median, usPerStepLow: timing.low, usPerStepHigh: timing.high,
      eventsPerS: Double(batch) / timing.median * 1e6, gflops: gflops,
      percentOfPeak: 100 * gflops / (peakGflops * Double(workers)), split: split, soloUsPerStep: solo,
      efficiency: solo.map { $0 / (timing.median * Double(workers)) })
  }

  /// The file.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }
}
