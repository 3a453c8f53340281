import FoundationEssentials
import Kernels
import Machine
package import MPI
package import NeuralNetwork
import Training

/// The machine and its peak performance.
package enum BenchmarkMachine {
  /// The name of the CPU, from the system.
  package static var cpuName: String {
    let text = FileSystem.text("/proc/cpuinfo")
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " || $0 == "\t" }) }
    return name ?? "unknown CPU"
  }

  /// Nanoseconds that the main thread has waited for a CPU on which others ran; 0 if the system does not say.
  package static var waiting: Double {
    let text = FileSystem.text("/proc/self/schedstat")
    return text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
  }

  /// Runs `body` on rank 0 while the others sleep for about as long as it takes, so that their waiting does not disturb
  /// the measurement. Returns the result of rank 0.
  /// - Collective: every rank of the communicator calls it.
  package static func alone<Value: Codable>(
    _ communicator: borrowing Communicator, seconds: Double, _ body: () throws -> Value
  ) throws -> Value {
    try communicator.barrier()
    if !communicator.isRoot { usleep(UInt32(min(seconds, 60) * 1e6)) }
    return try communicator.fromRoot(.preparing, body)
  }

  /// Billions of floating-point operations a second of one core's fused multiply-adds: the best of 9 times some 10 ms.
  package static func peak(_ communicator: borrowing Communicator) throws -> Double {
    try alone(communicator, seconds: 0.15) {
      let kernels = KernelSet.chosen
      var iterations = 1000
      var best = 0.0
      var rounds = 0
      while rounds < 9 {
        let start = monotonicNanoseconds()
        let sum = kernels.runPeakLoop(iterations: iterations)
        let nanoseconds = Double(monotonicNanoseconds() - start)
        guard sum.isFinite else { throw Failure(.internalError, "the FMA loop gave \(sum)") }
        best = max(best, Double(iterations * kernels.peakLoopOperations) / max(1, nanoseconds))
        // The first rounds find the length, and wake the core up.
        if nanoseconds < 8e6 { iterations *= 2 } else { rounds += 1 }
      }
      return best
    }
  }

  /// Median time of summing `count` numbers over all ranks, in µs, 0 for one rank; and whether the ranks of a host do so in
  /// memory that they share.
  /// - Collective: every rank of the communicator calls it.
  package static func allreduce(
    count: Int, of reduction: Reduction, _ communicator: borrowing Communicator
  ) throws -> (microseconds: Double, inSharedMemory: Bool) {
    guard communicator.size > 1 else { return (0, false) }
    var doubles = [Double](repeating: 0, count: reduction == .exact ? count : 0)
    var floats = [Float](repeating: 0, count: reduction == .float32 ? count : 0)
    let type = reduction == .exact ? MemoryLayout<Double>.stride : MemoryLayout<Float>.stride
    var rankSum = try communicator.makeSum(byteCount: count * type)
    var times: [Double] = []
    // As many as fit into 0.1 s by the first ten, at least 10 and at most 2,000.
    var rounds = 10
    try communicator.barrier()
    while times.count < rounds {
      let start = monotonicNanoseconds()
      switch reduction {
      case .exact:
        var span = doubles.mutableSpan
        try rankSum.sumInPlace(&span, communicator)
      case .float32:
        var span = floats.mutableSpan
        try rankSum.sumInPlace(&span, communicator)
      }
      times.append(Double(monotonicNanoseconds() - start) * 1e-3)
      if times.count == 10 && rounds == 10 {
        var agreed = [min(2000, max(11, Int(1e5 / max(1, Quartiles(times).median))))]
        try communicator.broadcast(&agreed, from: 0)
        rounds = agreed[0]
        times = []
      }
    }
    return (Quartiles(times).median, rankSum.usesSharedMemory)
  }
}
