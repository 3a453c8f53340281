import Events
import Machine

extension EventCheck {
  /// Events with bit-identical features: within a process, in both training and test events, or in two processes.
  ///
  /// Only for processes whose features are fine-grained: fewer than 0.01 pairs among all events would agree by chance if the features were
  /// independent (47 bits for 10⁶ events), and at least one feature is as fine as 256 equally frequent values.
  static let repeatedEvents = EventCheck { events in
    let survey = events.survey
    let total = survey.processes.reduce(0) { $0 + $1.hashes.count }
    // Coarse features have too many chance copies to count.
    let isCoarse = events.columns.map { columns in (columns.map(\.collision).min() ?? 1) > 1.0 / 256 }
    var repeated = RepeatedEvents(
      zip(survey.processes, isCoarse).map { process, isCoarse in
        var process = process
        if isCoarse { process.hashes = [] }
        return process
      })
    let chances = concurrentMap(survey.processes.count) { [repeated] number in
      repeated.hasCopies(ofProcess: number) ? survey.processes[number].sample.chanceOfCopies(survey.features.count) : 0
    }
    repeated.keep { chances[$0] * Double(total) * Double(total) / 2 < 0.01 }
    var findings: [Finding] = []
    for (number, process) in survey.processes.enumerated() where process.hashes.count > 0 {
      let within = repeated.within[number]
      if within > 0 {
        let share = Double(within) / Double(process.hashes.count)
        findings.append(
          Finding(
            share >= worthAWarning ? .warning : .note, "duplicates", process: process.name,
            what:
              "\(counted(within, "event")) (\(percent(share))) \(within == 1 ? "has" : "have") the same features as another "
              + "event of the process", advice: "check whether files, or parts of them, were included twice"))
      }
      let leaked = repeated.acrossUses[number]
      let judged = process.uses.reduce(0) { $0 + ($1 == .test || $1 == .validation ? 1 : 0) }
      if leaked > 0, judged > 0 {
        let share = Double(leaked) / Double(judged)
        findings.append(
          Finding(
            share >= worthAWarning ? .warning : .note, "duplicates-between-splits", process: process.name,
            what:
              "\(counted(leaked, "validation or test event")) (\(percent(share))) also \(leaked == 1 ? "appears" : "appear") among the "
              + "training events",
            advice: "remove the copies, or keep them in the same split with split.by: event"))
      }
    }
    for (pair, count) in repeated.between.sorted(by: { ($0.key.first, $0.key.second) < ($1.key.first, $1.key.second) })
    {
      let (a, b) = (survey.processes[pair.first], survey.processes[pair.second])
      let share = Double(count) / Double(max(1, min(a.hashes.count, b.hashes.count)))
      let areClasses = a.classIndex != b.classIndex && a.use == .train && b.use == .train
      findings.append(
        Finding(
          share >= worthAWarning ? .warning : .note,
          areClasses ? "duplicates-between-classes" : "duplicates-between-processes",
          process: b.name,
          what:
            "\(counted(count, "event")) (\(percent(share)) of the smaller process) \(count == 1 ? "is" : "are") also in process "
            + "\(a.name)",
          advice: areClasses ? "an event cannot belong to two classes: check the files" : "check whether files overlap")
      )
    }
    return findings
  }

  /// Copies of one event in a thousand or more change the results; fewer may come from, say, a job that resumed after a crash.
  private static let worthAWarning = 0.001
}

/// Events of all processes that have the same hash as an earlier one.
struct RepeatedEvents: Sendable {
  /// The indices of two processes, in order.
  struct Pair: Hashable, Sendable {
    var first: Int
    var second: Int
  }
  /// For each process, the number of events that repeat an earlier one.
  private(set) var within: [Int]
  /// For each process, the number of validation and test events that equal a training event.
  private(set) var acrossUses: [Int]
  /// The number of events of the second process of a pair that equal an event of the first.
  private(set) var between: [Pair: Int] = [:]

  /// Divides the hashes by their highest bits into parts of about 16,384. One CPU searches each part with a table that fits into its
  /// cache.
  init(_ processes: [EventSurvey.Process]) {
    let total = processes.reduce(0) { $0 + $1.hashes.count }
    let bits = min(12, Int.bitWidth - (total >> 14).leadingZeroBitCount)
    let part = { (hash: UInt64) in bits == 0 ? 0 : Int(truncatingIfNeeded: hash >> UInt64(64 - bits)) }
    var starts = [Int](repeating: 0, count: (1 << bits) + 1)
    for process in processes { for hash in process.hashes { starts[part(hash) + 1] += 1 } }
    for index in 1..<starts.count { starts[index] += starts[index - 1] }
    var next = starts
    var copies = [Event](repeating: Event(hash: 0, process: 0, number: 0), count: total)
    for (number, process) in processes.enumerated() {
      for (event, hash) in process.hashes.enumerated() {
        let index = part(hash)
        copies[next[index]] = Event(hash: hash, process: Int32(number), number: Int32(truncatingIfNeeded: event))
        next[index] += 1
      }
    }
    let (events, ends) = (copies, starts)
    let parts = concurrentMap(1 << bits) { Part(processes, events[ends[$0]..<ends[$0 + 1]]) }
    within = processes.map { _ in 0 }
    acrossUses = within
    for part in parts {
      for number in processes.indices {
        within[number] += part.within[number]
        acrossUses[number] += part.acrossUses[number]
      }
      between.merge(part.between, uniquingKeysWith: +)
    }
  }

  /// Whether any event of a process equals another event.
  func hasCopies(ofProcess number: Int) -> Bool {
    within[number] > 0 || between.keys.contains { $0.first == number || $0.second == number }
  }

  /// Drops the counts of all other processes.
  mutating func keep(_ isKept: (Int) -> Bool) {
    for number in within.indices where !isKept(number) { (within[number], acrossUses[number]) = (0, 0) }
    between = between.filter { isKept($0.key.first) && isKept($0.key.second) }
  }

  private struct Event: Sendable {
    var hash: UInt64
    var process: Int32
    /// In the process.
    var number: Int32
  }

  private struct Part: Sendable {
    var within: [Int]
    var acrossUses: [Int]
    var between: [Pair: Int] = [:]

    /// The events are in the order of the processes.
    init(_ processes: [EventSurvey.Process], _ events: ArraySlice<Event>) {
      within = processes.map { _ in 0 }
      acrossUses = within
      // Open addressing in a table at most half full: for each hash, the position of its first event, counted from 1.
      var size = 16
      while size < 2 * events.count { size *= 2 }
      var table = [Int32](repeating: 0, count: size)
      var copies: [UInt64: [Event]] = [:]
      let first = events.startIndex
      for index in events.indices {
        let event = events[index]
        var place = Int(truncatingIfNeeded: event.hash) & (size - 1)
        while table[place] != 0, events[first + Int(table[place]) - 1].hash != event.hash {
          place = (place + 1) & (size - 1)
        }
        if table[place] == 0 {
          table[place] = Int32(index - first + 1)
        } else {
          copies[event.hash, default: [events[first + Int(table[place]) - 1]]].append(event)
        }
      }
      for (_, events) in copies { count(events, processes) }
    }

    /// Counts a group of identical events, in the order of the processes.
    private mutating func count(_ events: [Event], _ processes: [EventSurvey.Process]) {
      var start = 0
      let first = Int(events[0].process)
      while start < events.count {
        let number = Int(events[start].process)
        var end = start
        while end < events.count, Int(events[end].process) == number { end += 1 }
        let members = events[start..<end]
        within[number] += members.count - 1
        if number != first { between[Pair(first: first, second: number), default: 0] += members.count }
        if processes[number].uses.count == processes[number].hashes.count {
          let uses = members.map { processes[number].uses[Int($0.number)] }
          if uses.contains(.training) {
            acrossUses[number] += uses.reduce(0) { $0 + ($1 == .test || $1 == .validation ? 1 : 0) }
          }
        }
        start = end
      }
    }
  }
}

extension EventSurvey.Sample {
  /// The probability that two events agree in all features if these were independent, estimated without copies.
  fileprivate func chanceOfCopies(_ features: Int) -> Double {
    var seen = Set<ArraySlice<Float>>()
    let events = (0..<count).filter { seen.insert(values[$0 * features..<($0 + 1) * features]).inserted }
    return (0..<features).reduce(1.0) { chance, feature in
      chance * SortedColumn(events.map { values[$0 * features + feature] }).collision
    }
  }
}
