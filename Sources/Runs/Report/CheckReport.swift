import Checks
package import Events
import Machine
package import RunFiles

/// The report of a check, for its JSON file (with underscores: `events_read`) and for the terminal.
package struct CheckReport: Encodable {
  /// The version of this format.
  package let version = 1
  package let run: String
  package let folder: String
  package let memoryBytes: Double
  package let memoryIsEstimate: Bool
  /// The memory of the events and of all ranks on one host.
  package var memoryPerHostBytes: Double?
  package var events = 0
  package var eventsRead = 0
  package var plan: [String] = []
  /// The expected time of steps and evaluations in a training on one rank of this machine, and its number of threads.
  package var seconds: Double?
  package var secondsThreads: Int?
  /// The same time divided evenly among all ranks and threads that have work.
  package var secondsAtBest: Double?
  package var findings: [Finding] = []
  private var timeLines: [String] = []

  private enum CodingKeys: String, CodingKey {
    case version, run, folder
    case memoryBytes = "memory_bytes"
    case memoryIsEstimate = "memory_is_estimate"
    case memoryPerHostBytes = "memory_per_host_bytes"
    case events
    case eventsRead = "events_read"
    case plan, seconds
    case secondsThreads = "seconds_threads"
    case secondsAtBest = "seconds_at_best"
    case findings
  }

  package init(_ run: RunFile, _ folder: String, _ memory: EventMemory) {
    (self.run, self.folder) = (run.name, folder)
    (memoryBytes, memoryIsEstimate) = (memory.bytes, memory.isEstimate)
  }

  package mutating func setMemory(ofRank bytes: Double, ranks: Int) {
    let all = memoryBytes + Double(ranks) * bytes
    memoryPerHostBytes = all
    plan.append(
      "Memory per host: about \(MemoryBounds.amount(all)), one copy of the events and \(MemoryBounds.amount(bytes)) for "
        + (ranks == 1 ? "its rank" : "each of its \(grouped(ranks)) ranks"))
  }

  /// Sets the measured times: seconds of a training on one rank with `threads` threads, and µs per step.
  package mutating func setTime(
    seconds: Double, microsecondsPerStep: Double, threads: Int, _ plan: RunPlan, _ run: RunFile
  ) {
    let checkpoints = (run.training.epochs + run.output.checkpointEvery - 1) / run.output.checkpointEvery
    self.seconds = seconds
    secondsThreads = threads
    timeLines = [
      "Expected time: about \(Self.time(seconds)) on one rank of this machine with \(counted(threads, "thread")) "
        + "(\(decimals(microsecondsPerStep, 1)) µs per step, measured),",
      "  plus the time to read the events and to write \(counted(checkpoints, "checkpoint"))",
    ]
    guard plan.ranks * plan.threads > threads else { return }
    let share = Double(plan.workers(threads)) / Double(plan.workers(plan.ranks * plan.threads))
    secondsAtBest = seconds * share
    timeLines.append(
      "  on \(counted(plan.ranks, "rank")) × \(counted(plan.threads, "thread")) like these: at least \(Self.time(seconds * share)) "
        + "(an estimate that assumes evenly divided work)")
  }

  private static func time(_ seconds: Double) -> String {
    seconds < 0.1 ? "0.1 s" : seconds < 9.5 ? "\(decimals(seconds, 1)) s" : duration(seconds)
  }

  package var lines: [String] {
    let list = FindingList(findings)
    let looked =
      eventsRead < events ? "\(grouped(eventsRead)) of \(grouped(events)) events" : "\(grouped(events)) events"
    return plan + timeLines + (findings.isEmpty ? [] : [""] + list.lines + [""])
      + ["Findings: \(list.summary ?? "none") (read \(looked))"]
  }
}
