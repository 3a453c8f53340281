package import FoundationEssentials
import Machine
import MPI
package import Results
import RunFiles
import Training

/// How far a run is, for people who watch it from another machine: `status.json` in its folder. Nothing depends on it.
package struct RunStatus: Codable, Equatable {
  /// What the run is doing, or how it ended.
  package enum State: String, Codable {
    case preparing, training, evaluating, writing, finished, stopped, failed

    /// Whether the program that wrote it has exited cleanly.
    package var isEnd: Bool { self == .finished || self == .stopped || self == .failed }
  }

  package var state: State
  /// The last message of a run that ended early.
  package var message: String?
  /// Version and build of the program, and its MPI.
  package var program: String
  /// The job of the batch system.
  package var job: String?
  /// Where rank 0 is, and its number there.
  package var host: String
  package var process: Int32
  /// Ranks, threads and hosts in one line.
  package var placement: String
  /// When the run was last started, and when this was written.
  package var started: Date
  package var updated: Date
  /// The epoch that is being trained, from 1, and how many there are at most.
  package var epoch: Int
  package var epochs: Int
  /// The step of that epoch, from 1, and how many it has.
  package var step: Int
  package var stepsPerEpoch: Int
  /// Training events per second since the run was last started, evaluations and checkpoints included.
  package var eventsPerSecond: Double?
  /// Seconds until the end of the last epoch at that speed.
  package var secondsLeft: Double?
  /// The metric that decides which epoch is the best.
  package var monitor: Metric {
    get { namedMonitor ?? .loss }
    set { namedMonitor = newValue }
  }
  private var namedMonitor: Metric?
  /// Its value for the training events of the last complete epoch, where steps count it; in the file under its name.
  package var monitored: Double?
  package var validationMonitored: Double?
  /// The best epoch so far, and the monitored metric of its validation events.
  package private(set) var bestEpoch: Int?
  package private(set) var bestMonitored: Double?

  var best: Best? {
    get { bestEpoch.flatMap { epoch in bestMonitored.map { Best(epoch: epoch, metric: monitor, value: $0) } } }
    set { (bestEpoch, bestMonitored) = (newValue?.epoch, newValue?.value) }
  }

  /// Seconds between two versions of the file, but for the first ones, which come sooner.
  package static let interval = 15
  /// Seconds without an update after which a run is considered lost.
  package static let silence = 4 * interval

  /// Of a run that begins to train at `position`.
  init(_ placement: Placement, run: RunFile, position: TrainingPosition, best: Best?, steps: Int) {
    state = .preparing
    program = programDescription
    job = BatchJob.current?.description
    host = hostName()
    process = getpid()
    self.placement = placement.line
    started = Date()
    updated = started
    epoch = min(position.epoch + 1, max(1, run.training.epochs))
    epochs = run.training.epochs
    step = position.step
    stepsPerEpoch = steps
    monitor = run.training.monitoring.monitor
    self.best = best
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case state, message, program, job, host, process, placement, started, updated, epoch, epochs, step, stepsPerEpoch
    case namedMonitor = "monitor"
    case eventsPerSecond, secondsLeft, monitored, validationMonitored, bestEpoch, bestMonitored
  }

  /// What properties are called in the file: with underscores, and metrics by their names.
  private static func fileKeys(_ monitor: Metric) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: CodingKeys.allCases.map { key in
        let words = key.stringValue.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
        return (key.stringValue, words.replacing("monitored", with: monitor.name))
      })
  }

  /// What a file says of its monitored metric.
  private struct Monitored: Decodable {
    var monitor: Metric?
  }

  /// The content of the file.
  package var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let keys = Self.fileKeys(monitor)
    encoder.keyEncodingStrategy = .custom { TextKey(keys[$0.last?.stringValue ?? ""] ?? "") }
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return (try? encoder.encode(self)).map { Array($0) + [UInt8(ascii: "\n")] } ?? []
  }

  /// Decodes what `encoded` wrote; nil if it is something else.
  package static func decoded(_ bytes: [UInt8]) -> RunStatus? {
    let decoder = JSONDecoder()
    // Up to version 0.6 it was always the loss, and not named.
    guard let monitored = try? JSONDecoder().decode(Monitored.self, from: Data(bytes)) else { return nil }
    let keys = fileKeys(monitored.monitor ?? .loss)
    let names = Dictionary(uniqueKeysWithValues: keys.map { ($0.value, $0.key) })
    decoder.keyDecodingStrategy = .custom { TextKey(names[$0.last?.stringValue ?? ""] ?? "") }
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(RunStatus.self, from: Data(bytes))
  }

  /// The report on the run in `folder` at `now`. `isGone`: the process that wrote this no longer exists.
  package func lines(folder: String, now: Date, isGone: Bool = false) -> [String] {
    let age = max(0, now.timeIntervalSince(updated))
    let isGone = isGone && !state.isEnd
    var first = "\(folder): \(isGone ? "interrupted" : state.rawValue)"
    if !state.isEnd || state == .stopped {
      let fraction = (Double(epoch - 1) + Double(step) / Double(max(1, stepsPerEpoch))) / Double(max(1, epochs))
      first += ", epoch \(grouped(epoch)) of \(grouped(epochs)), step \(grouped(step)) of \(grouped(stepsPerEpoch))"
      first += " (\(Int(100 * min(1, max(0, fraction)))) %)"
    }
    let isLost = !state.isEnd && (isGone || age > Double(Self.silence))
    if !state.isEnd, !isLost, let secondsLeft { first += ", \(duration(secondsLeft)) left" }
    var lines = [first]
    if isGone {
      lines.append(
        "  the process is gone (\(process) on \(host), last sign of life \(duration(age)) ago): it was killed or crashed; "
          + "start the run again with --continue")
    } else if isLost {
      lines.append(
        "  no sign of life for \(duration(age)): killed, or its host is gone; start it again with --continue")
    }
    if let message { lines.append("  \(message)") }
    if state == .stopped, job != nil { lines.append("  a job submitted by launch/submit continues by itself") }
    var figures: [String] = []
    let name = monitor.name
    if let monitored { figures.append("\(name) \(decimals(monitored, 4))") }
    if let validationMonitored { figures.append("validation \(name) \(decimals(validationMonitored, 4))") }
    if let bestEpoch {
      let value = bestMonitored.map { " (validation \(name) \(decimals($0, 4)))" } ?? ""
      figures.append("best epoch \(bestEpoch)\(value)")
    }
    if let eventsPerSecond { figures.append("\(grouped(Int(min(1e15, eventsPerSecond)))) events/s") }
    if !figures.isEmpty { lines.append("  " + figures.joined(separator: ", ")) }
    let time = state.isEnd ? "ended \(duration(age)) ago" : "sign of life \(duration(age)) ago"
    lines.append("  " + ([placement] + [job, isLost ? nil : time].compactMap { $0 }).joined(separator: "; "))
    return lines
  }
}
