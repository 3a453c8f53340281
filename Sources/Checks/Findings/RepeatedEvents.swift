import Events
import Machine

extension EventCheck {
  /// Events whose features are equal to the bit: twice in a process, for training and for tests, in two processes.
  ///
  /// Only in processes whose features are fine enough: if they were independent, less than one pair in a hundred of all events would
  /// agree by chance (for 10⁶ events that takes 47 bits), and one of them alone has the fineness of 256 equally frequent values.
  static let repeatedEvents = EventCheck { events in
    let survey = events.survey
    let total = survey.processes.reduce(0) { $0 + $1.hashes.count }
    // What is coarse has so many copies that it is better not counted.
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
              "\(counted(within, "event")) (\(percent(share))) \(within == 1 ? "has" : "have") the features of another "
              + "event of the process", advice: "check whether files or parts of them are there twice"))
      }
      let leaked = repeated.acrossUses[number]
      let judged = process.uses.reduce(0) { $0 + ($1 == .test || $1 == .validation ? 1 : 0) }
      if leaked > 0, judged > 0 {
        let share = Double(leaked) / Double(judged)
        findings.append(
          Finding(
            share >= worthAWarning ? .warning : .note, "duplicates-between-splits", process: process.name,
            what:
              "\(counted(leaked, "validation or test event")) (\(percent(share))) \(leaked == 1 ? "is" : "are") among the "
              + "training events too",
            advice: "take out what is there twice, or divide by what is equal in copies: split.by: event"))
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
            "\(counted(count, "event")) (\(percent(share)) of the smaller one) \(count == 1 ? "is" : "are") in process "
            + "\(a.name) too",
          advice: areClasses ? "no event can be of two classes: check the files" : "check whether files overlap"))
    }
    return findings
  }

  /// From one event in a thousand on copies change figures; fewer come from a file that was written on after a crash, say.
  private static let worthAWarning = 0.001
}

/// Events that have the hash of one before them, in all processes.
struct RepeatedEvents: Sendable {
  /// The numbers of two processes, the first before the second.
  struct Pair: Hashable, Sendable {
    var first: Int
    var second: Int
  }
  /// For each process how many of its events repeat one before them.
  private(set) var within: [Int]
  /// For each process how many validation and test events have the features of a training event.
  private(set) var acrossUses: [Int]
  /// How many events of the second process of a pair have the features of an event of the first.
  private(set) var between: [Pair: Int] = [:]

  /// Hashes are divided by their highest bits, so that each part is looked at by one CPU, in a table that its cache holds.
  init(_ processes: [EventSurvey.Process]) {
    let total = processes.reduce(0) { $0 + $1.hashes.count }
    let bits = max(0, min(8, (Int.bitWidth - (total >> 14).leadingZeroBitCount)))
    let parts = concurrentMap(1 << bits) { Part(processes, $0, bits: bits, total: total) }
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

  /// Whether an event of a process has the features of any other.
  func hasCopies(ofProcess number: Int) -> Bool {
    within[number] > 0 || between.keys.contains { $0.first == number || $0.second == number }
  }

  /// Forgets what is of other processes.
  mutating func keep(_ isKept: (Int) -> Bool) {
    for number in within.indices where !isKept(number) { (within[number], acrossUses[number]) = (0, 0) }
    between = between.filter { isKept($0.key.first) && isKept($0.key.second) }
  }

  private struct Part: Sendable {
    var within: [Int]
    var acrossUses: [Int]
    var between: [Pair: Int] = [:]

    init(_ processes: [EventSurvey.Process], _ part: Int, bits: Int, total: Int) {
      within = processes.map { _ in 0 }
      acrossUses = within
      // Open addressing in a table at most half full, of hashes that are not 0 and the process of their first event.
      var size = 64
      while size < 3 * (total >> bits) { size *= 2 }
      var (keys, used) = ([UInt64](repeating: 0, count: size), 0)
      var copies: [UInt64: [(process: Int, event: Int)]] = [:]
      var firsts = [UInt64](repeating: 0, count: size)
      for (number, process) in processes.enumerated() {
        do {
          let hashes = process.hashes.span
          for event in hashes.indices {
            let hash = hashes[event]
            guard bits == 0 || Int(hash >> (64 - UInt64(bits))) == part else { continue }
            let key = hash | 1
            if 2 * used >= size {
              (keys, firsts, size) = Self.grown(keys, firsts)
            }
            var place = Int(truncatingIfNeeded: hash &>> 1) & (size - 1)
            while keys[place] != 0, keys[place] != key { place = (place + 1) & (size - 1) }
            if keys[place] == 0 {
              keys[place] = key
              firsts[place] = UInt64(number) << 40 | UInt64(event)
              used += 1
            } else {
              let first = firsts[place]
              copies[key, default: [(Int(first >> 40), Int(first & 0xFF_FFFF_FFFF))]].append((number, event))
            }
          }
        }
      }
      for (_, events) in copies { count(events, processes) }
    }

    private static func grown(_ keys: [UInt64], _ firsts: [UInt64]) -> ([UInt64], [UInt64], Int) {
      let size = 2 * keys.count
      var (newKeys, newFirsts) = ([UInt64](repeating: 0, count: size), [UInt64](repeating: 0, count: size))
      for (key, first) in zip(keys, firsts) where key != 0 {
        var place = Int(truncatingIfNeeded: key &>> 1) & (size - 1)
        while newKeys[place] != 0 { place = (place + 1) & (size - 1) }
        (newKeys[place], newFirsts[place]) = (key, first)
      }
      return (newKeys, newFirsts, size)
    }

    /// Counts events that are all alike, in the order of processes.
    private mutating func count(_ events: [(process: Int, event: Int)], _ processes: [EventSurvey.Process]) {
      var start = 0
      let first = events[0].process
      while start < events.count {
        let number = events[start].process
        var end = start
        while end < events.count, events[end].process == number { end += 1 }
        let members = events[start..<end]
        within[number] += members.count - 1
        if number != first { between[Pair(first: first, second: number), default: 0] += members.count }
        if processes[number].uses.count == processes[number].hashes.count {
          let uses = members.map { processes[number].uses[$0.event] }
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
  /// The probability that two events agree in all features, if these were independent: of the events that differ, as copies are no
  /// measure of it.
  fileprivate func chanceOfCopies(_ features: Int) -> Double {
    var seen = Set<ArraySlice<Float>>()
    let events = (0..<count).filter { seen.insert(values[$0 * features..<($0 + 1) * features]).inserted }
    return (0..<features).reduce(1.0) { chance, feature in
      chance * SortedColumn(events.map { values[$0 * features + feature] }).collision
    }
  }
}
