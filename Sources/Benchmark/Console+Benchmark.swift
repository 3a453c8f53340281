import Machine
import NeuralNetwork
import Runs

extension Console {
  /// Prints the machine and the network.
  package func print(_ report: BenchmarkReport, parameters: Int, sums: Int) {
    print("CPU: \(report.cpu), kernels with \(report.instructionSet)")
    print("FMA peak of a core: \(decimals(report.peakGflops, 1)) GFLOP/s (multiply-adds in registers)")
    print(
      "Network: \(report.network.map(String.init).joined(separator: "-")), \(report.activation), "
        + "\(grouped(parameters)) parameters, \(grouped(Int(report.flopsPerEvent))) useful FLOPs per event")
    if report.ranks > 1 {
      let type = report.reduction == "exact" ? "doubles" : "float32"
      print(
        "Allreduce of a step's sums (\(grouped(sums)) \(type)): \(decimals(report.allreduceUs, 1)) µs, "
          + (report.allreduceInSharedMemory ? "in the hosts' shared memory" : "by MPI alone"))
    }
    print("Medians of \(report.repeats) repeats, in parentheses their quartiles")
    print()
  }

  /// The head of the table of speeds.
  package func printSpeedHeader(efficiency: Bool) {
    print(
      padded("optimiser", 10) + aligned("batch", 9) + aligned("µs/step", 13) + aligned("(low – high)", 25)
        + aligned("events/s", 13)
        + aligned("GFLOP/s", 10) + aligned("% of peak", 11) + (efficiency ? aligned("efficiency", 12) : ""))
  }

  /// A line of the table of speeds.
  package func printSpeed(_ result: BenchmarkReport.Result) {
    let low = decimals(result.usPerStepLow, 2)
    let high = decimals(result.usPerStepHigh, 2)
    print(
      padded(result.optimizer, 10) + aligned(grouped(result.batch), 9) + aligned(decimals(result.usPerStep, 2), 13)
        + aligned("(\(low) – \(high))", 25) + aligned(grouped(Int(result.eventsPerS)), 13)
        + aligned(decimals(result.gflops, 2), 10) + aligned(decimals(result.percentOfPeak, 1), 11)
        + (result.efficiency.map { aligned(decimals($0, 2), 12) } ?? ""))
  }

  /// The table of where the time goes.
  package func printSplits(_ results: [BenchmarkReport.Result]) {
    print()
    print("Where the µs of a step go:")
    print(padded("optimiser", 10) + aligned("batch", 9) + StepSplit.names.map { aligned($0, 11) }.joined())
    for result in results {
      let times = StepSplit.parts.map { aligned(decimals(result.split[keyPath: $0], 2), 11) }
      print(padded(result.optimizer, 10) + aligned(grouped(result.batch), 9) + times.joined())
    }
  }
  /// Warns that other processes used the machine during the measurement.
  package func warnOfOthers(_ results: [BenchmarkReport.Result]) {
    guard let most = results.map(\.percentWaiting).max(), most >= 5 else { return }
    warn(
      "others run on these CPUs: rank 0 waited for one up to \(Int(most)) % of the time; "
        + "measure again when they are gone")
  }
}
