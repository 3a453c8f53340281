import Foundation
import Machine
import Synchronization
import Testing

@Suite struct ConcurrentlyTests {
  @Test(arguments: [0, 1, 2, 3, 1000])
  func everyNumberIsTakenOnce(_ count: Int) {
    let times = (0..<count).map { _ in Counter() }
    concurrently(count) { times[$0].count.add(1, ordering: .relaxed) }
    #expect(times.allSatisfy { $0.count.load(ordering: .relaxed) == 1 })
    #expect(concurrentMap(count) { $0 * $0 } == (0..<count).map { $0 * $0 })
  }

  @Test func callsWithinCalls() {
    let nested = concurrentMap(30) { outer in concurrentMap(20) { "\(20 * outer + $0)" } }
    #expect(nested.flatMap { $0 } == (0..<600).map { "\($0)" })
  }

  /// Optional values stay what they are.
  @Test func nilIsAValue() {
    let values: [Int?] = concurrentMap(100) { $0 % 3 == 0 ? nil : $0 }
    #expect(values == (0..<100).map { $0 % 3 == 0 ? nil : $0 })
  }

  /// Loans change the affinity of the process, and count on its main thread: `machine-probe` checks them in a process of its own,
  /// which is bound to one CPU as `mpirun` binds a rank.
  @Test(.enabled(if: canLend, "needs taskset and two CPUs"))
  func loans() throws {
    let cpus = ProcessorAffinity.cpus()
    let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["timeout", "120", "taskset", "-c", "\(cpus[0])", folder.appendingPathComponent("machine-probe").path]
      + cpus.map { "\($0)" }
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && output == "probe: it holds\n", "\(process.terminationStatus): \(output)")
  }

  private static let canLend =
    ProcessorAffinity.cpus().count > 1 && FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset")

  private final class Counter: Sendable {
    let count = Atomic(0)
  }
}
