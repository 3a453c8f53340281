import Benchmark
import Foundation
import KernelOperands
import Machine
import NeuralNetwork
import Testing

struct BenchmarkTests {
  @Test func readsLists() throws {
    #expect(try BenchmarkLists.batchSizes("1,32,1024") == [1, 32, 1024])
    #expect(try BenchmarkLists.batchSizes("7") == [7])
    #expect(try BenchmarkLists.layerSizes("15-30-30-30-4") == [15, 30, 30, 30, 4])
    #expect(try BenchmarkLists.layerSizes("3-2") == [3, 2])
  }

  @Test(arguments: ["", "1,", ",1", "1, 2", "0", "-1", "1.5", "1-2", "x", "1000000001", "99999999999999999999"])
  func refusesOtherBatchSizes(list: String) {
    let failure = #expect(throws: Failure.self) { try BenchmarkLists.batchSizes(list) }
    #expect(failure?.exitCode == .usage && failure?.description.contains("--batch \(list)") == true)
    #expect(failure?.description.contains("\n") == false)
  }

  @Test(arguments: ["", "5", "5-1", "5--2", "-5-2", "5-0-2", "5,2", "5-1000001-2", "a-b"])
  func refusesOtherNetworks(list: String) {
    let failure = #expect(throws: Failure.self) { try BenchmarkLists.layerSizes(list) }
    #expect(failure?.exitCode == .usage && failure?.description.contains("--network \(list)") == true)
  }

  @Test func readsHiddenOptions() throws {
    let options = try HiddenOptions("activation=silu,norm=layer,skip=true,dropout=0.1")
    let layers = options.layers([15, 30, 30, 4], activation: .relu)
    #expect(
      layers == [
        .init(units: 30, activation: .silu, norm: .layer, skip: false, dropout: 0.1),
        .init(units: 30, activation: .silu, norm: .layer, skip: true, dropout: 0.1),
      ])
    #expect(try HiddenOptions("").layers([3, 5, 2], activation: .tanh) == [.init(units: 5, activation: .tanh)])
  }

  @Test(arguments: [
    "x", "norm", "norm=batch", "skip=yes", "dropout=1", "dropout=-0.1", "dropout=nan", "activation=rleu",
  ])
  func refusesOtherHiddenOptions(list: String) {
    let failure = #expect(throws: Failure.self) { try HiddenOptions(list) }
    #expect(failure?.exitCode == .usage && failure?.description.contains("--hidden-options \(list): '") == true)
  }

  @Test(arguments: zip([[15, 30, 30, 30, 4], [3, 2], [5, 7, 3]], [13_320.0, 24, 266]))
  func countsOperations(sizes: [Int], operations: Double) {
    let hidden = sizes.dropFirst().dropLast().map { NetworkSpecification.HiddenLayer(units: $0, activation: .relu) }
    let specification = NetworkSpecification(inputs: sizes[0], hidden: hidden, classes: sizes[sizes.count - 1])
    #expect(specification.operationsPerEvent == operations)
  }

  @Test func findsMediansAndQuartiles() {
    let seven = Quartiles([7, 1, 6, 2, 5, 3, 4])
    #expect(seven.median == 4 && seven.low == 2 && seven.high == 6)
    let two = Quartiles([3, 1])
    #expect(two.median == 2 && two.low == 1 && two.high == 3)
    let one = Quartiles([5])
    #expect(one.median == 5 && one.low == 5 && one.high == 5)
  }

  @Test func splitsAddUpToTheStep() {
    var first = StepSplit()
    first.forward = 1
    first.update = 5
    var second = first
    second.forward = 3
    let split = StepSplit(medianOf: [second, first, second], total: 16)
    #expect(split.forward == 6 && split.update == 10 && split.total == 16)
    #expect(StepSplit(medianOf: [StepSplit()], total: 1).total == 0)
    #expect(StepSplit.names.count == StepSplit.parts.count)
  }

  private static let report = """
    {"version": 1, "cpu": "a CPU", "instruction_set": "some", "hosts": ["a"], "ranks": 2, "threads": 2, "workers": 4,
    "network": [5, 7, 3], "activation": "relu", "reduction": "exact", "flops_per_event": 266, "repeats": 3, "peak_gflops": 100,
    "allreduce_us": 1, "allreduce_in_shared_memory": true, "clock_ns": 20, "results": []}
    """

  @Test func writesTheAgreedKeys() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var report = try decoder.decode(BenchmarkReport.self, from: Data(Self.report.utf8))
    report.results.append(
      report.result(batch: 32, blocks: 8, timing: Quartiles([8, 9, 10]), split: StepSplit(), waiting: 0.25, solo: 18))
    let written = try #require(JSONSerialization.jsonObject(with: Data(report.json())) as? [String: Any])
    let agreed = ["peak_gflops", "ranks", "threads", "results", "cpu", "instruction_set", "hosts"]
    #expect(Set(written.keys).isSuperset(of: agreed))
    let result = try #require((written["results"] as? [[String: Any]])?.first)
    let numbers = result.compactMapValues { $0 as? Double }
    #expect(numbers["batch"] == 32 && numbers["us_per_step"] == 9)
    #expect(numbers["us_per_step_low"] == 8 && numbers["us_per_step_high"] == 10)
    // Other orders of multiplying differ by an ulp or two.
    let gflops = 266.0 * 32 / 9 * 1e-3
    for (key, value) in [("events_per_s", 32.0 / 9 * 1e6), ("gflops", gflops), ("percent_of_peak", gflops / 4)] {
      let number = try #require(numbers[key])
      #expect(abs(number - value) <= 4 * value.ulp, "\(key)")
    }
    #expect(numbers["percent_waiting"] == 25)
    #expect(numbers["efficiency"] == 0.5 && numbers["solo_us_per_step"] == 18)
    let split = try #require(result["split"] as? [String: Any])
    #expect(Set(split.keys) == Set(StepSplit.names))
  }
}
