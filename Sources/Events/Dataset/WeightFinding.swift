import Machine
import Numerics

/// The events of a process, class by class.
struct ClassGroups: Sendable {
  /// One per class; nil where the process cannot have events of it.
  let classes: [EventGroup?]
  let all: EventGroup

  /// `groups` are those of the classes, or one for all events, which are of class `index`; that is nil for events of no class.
  init(_ groups: [EventGroup], _ index: Int?, classes count: Int) {
    if groups.count == 1 {
      classes = (0..<count).map { $0 == index ? groups[0] : nil }
    } else {
      classes = groups
    }
    all = groups.reduce(into: EventGroup()) { sum, group in
      sum.counts += group.counts
      sum.weights.add(group.weights)
    }
  }
}

/// What the classes and weights of the events are like: what cannot be trained on, and what users should know.
struct WeightFinding {
  let processes: [ProcessEvents]
  let classes: EventClasses
  let groups: [ClassGroups]
  let split: Split
  let weighting: Weighting
  let hasWeights: Bool
  /// The sums of the groups are in units of 2^`unit`.
  let unit: Int

  init(
    _ processes: [ProcessEvents], _ classes: EventClasses, _ groups: [ClassGroups], _ split: Split,
    _ weighting: Weighting, hasWeights: Bool, unit: Int
  ) {
    self.processes = processes
    self.classes = classes
    self.groups = groups
    self.split = split
    self.weighting = weighting
    self.hasWeights = hasWeights
    self.unit = unit
  }

  /// The processes that are trained on.
  private var trained: [Int] { processes.indices.filter { classes.roles[$0].use == .train } }

  /// Events of the processes that are trained on, per class.
  var countsOfClasses: [EventCounts] {
    classes.names.indices.map { index in
      trained.reduce(into: EventCounts()) { sum, number in
        if let group = groups[number].classes[index] { sum += group.counts }
      }
    }
  }

  /// The sums of the weights of a process.
  func yield(_ number: Int) -> EventStore.Header.Yield {
    let sums = groups[number].all.weights
    return EventStore.Header.Yield(
      sum: scaled(sums.sum, by: unit), effectiveEvents: effectiveEvents(sum: sums.sum, squares: sums.squares),
      negative: sums.negative)
  }

  /// Σw of the events of each class of a process, or their number.
  func classSums(_ number: Int, hasWeights: Bool) -> [Double] {
    groups[number].classes.map { group in
      guard let group else { return 0 }
      return hasWeights ? scaled(group.weights.sum, by: unit) : Double(group.counts.total)
    }
  }

  /// Σt over the training events of each class of a process, where they have the weights of their classes.
  func trainingWeights(_ number: Int, _ factors: [Float]) -> [Double] {
    zip(groups[number].classes, factors).map { Double($0?.counts.training ?? 0) * Double($1) }
  }

  // MARK: Errors

  /// Refuses processes and classes that have nothing to train on.
  func requireTraining() throws(DataError) { if let first = refusals.first { throw first } }

  /// The processes and classes without usable training events: all of the first kind found, since the other kinds may follow from it.
  var refusals: [DataError] {
    guard split.isFor(.training) else { return [] }
    let kinds = [refusedProcesses, refusedClasses, refusedWeights, refusedShares]
    return kinds.lazy.map { $0() }.first { !$0.isEmpty } ?? []
  }

  private func refusedProcesses() -> [DataError] {
    trained.compactMap { number in
      let (process, counts) = (processes[number], groups[number].all.counts)
      func refusal(_ what: String, _ advice: String) -> DataError {
        DataError(.badData, file: process.files.first?.path ?? process.name, what: what, advice: advice)
      }
      if hasWeights, weighting.isUsed, groups[number].all.weights.squares == 0 {
        return refusal(
          "all weights of process '\(process.name)' are 0", "check data.weight, its weight_files and its scale")
      }
      guard counts.training == 0 else { return nil }
      if counts.untrained > 0 {
        return refusal(
          "none of the \(counts.untrained) training events of process '\(process.name)' has a training weight other than 0",
          "check its weights, or set training.event_weights.negative: absolute")
      }
      guard split.hasShares else { return nil }
      return refusal(
        "none of the \(counts.total) events of process '\(process.name)' falls into the training split",
        "give it more events or raise split.train")
    }
  }

  private func refusedClasses() -> [DataError] {
    zip(classes.names, countsOfClasses).filter { $1.training == 0 }.map { name, counts in
      DataError(
        .badData, file: "class \(name)",
        what: counts.total == 0 ? "no event has this class" : "none of its \(counts.total) events is a training event",
        advice: counts.total == 0 ? "check data.label, or remove the class" : "check split.by")
    }
  }

  private func refusedWeights() -> [DataError] {
    guard hasWeights, weighting.isUsed else { return [] }
    return classes.names.enumerated().compactMap { index, name in
      let sums = trained.compactMap { groups[$0].classes[index]?.weights }
      let (training, signed) = (sums.reduce(0) { $0 + $1.trainedMagnitudes }, sums.reduce(0) { $0 + $1.trainedSum })
      guard training <= 0 || signed <= 0 else { return nil }
      return DataError(
        .badData, file: "class \(name)",
        what: "the weights of its \(countsOfClasses[index].training) training events add up to "
          + "\(Float(scaled(signed, by: unit))), which is not positive",
        advice: "check the weights, or use more events")
    }
  }

  private func refusedShares() -> [DataError] {
    guard hasWeights, weighting.isUsed, weighting.share != .weight else { return [] }
    return trained.flatMap { number in
      groups[number].classes.enumerated().compactMap { index, group in
        guard let group, group.counts.training > 0, group.weights.trainedMagnitudes <= 0 else { return nil }
        return DataError(
          .badData, file: "process \(processes[number].name)",
          what: "the weights of its training events of class \(classes.names[index]) add up to "
            + "\(Float(scaled(group.weights.trainedSum, by: unit))), so it can have no share of \(weighting.share.rawValue)",
          advice: "set data.share: weight")
      }
    }
  }

  /// Refuses what float32 cannot hold.
  func requirePositive(_ header: EventStore.Header) throws(DataError) {
    guard header.hasMonitorWeights, split.isFor(.training) else { return }
    for process in header.processes where process.use == .train {
      guard process.factors.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw DataError(
          .badData, file: "process \(process.name)",
          what: "its weights are so far from those of the other processes that float32 cannot hold their ratio",
          advice: "check scale, cross_section and sum_weights")
      }
    }
  }

  // MARK: Warnings

  /// One event with more than this fraction of the training weight of its class is reported.
  private static let largestPart = 0.05

  /// `isTraining`: whether the events are for a training.
  func warnings(_ scan: EventScan, isTraining: Bool) -> [Finding] {
    var lines = repeatedKeys(scan)
    guard hasWeights, isTraining else { return lines }
    let without = processes.indices.filter { classes.roles[$0].use != .data && classes.roles[$0].scale == nil }
    if classes.roles.contains(where: { $0.scale != nil }), !without.isEmpty {
      lines.append(
        Finding(
          .warning, "no-scale",
          what: "\(names(without)) \(without.count == 1 ? "has" : "have") no scale, but other processes do; "
            + "\(without.count == 1 ? "its" : "their") scale is taken as 1"))
    }
    guard weighting.isUsed else { return lines }
    if let line = negativeWeights { lines.append(Finding(.note, "negative-weights", what: line)) }
    for index in classes.names.indices { lines += lightProcesses(ofClass: index) + heavyEvents(ofClass: index) }
    return lines
  }

  /// A line on how negative weights are used.
  private var negativeWeights: String? {
    let shares = classes.names.indices.compactMap { index -> String? in
      let sums = trained.compactMap { groups[$0].classes[index] }
      let negative = sums.reduce(0) { $0 + $1.weights.negative }
      guard negative > 0 else { return nil }
      let share = 100 * Double(negative) / Double(sums.reduce(0) { $0 + $1.counts.total })
      guard weighting.negative == .keep else { return "\(classes.names[index]) \(decimals(share, 1)) %" }
      let effective = effectiveEvents(
        sum: sums.reduce(0) { $0 + $1.weights.trainedSum }, squares: sums.reduce(0) { $0 + $1.weights.trainedSquares })
      return
        "\(classes.names[index]) \(decimals(share, 1)) % (its training events have the power of \(grouped(Int(effective))) of "
        + "equal weight)"
    }
    guard !shares.isEmpty else { return nil }
    let policy =
      switch weighting.negative {
      case .absolute:
        "absolute: the training uses their magnitudes, which is right only if the share of negative weights does not depend on "
          + "the features; keep uses their signs"
      case .keep: "keep: the training uses their signs"
      case .drop: "drop: the training leaves them out, which is a bias; keep uses their signs"
      }
    return "negative weights: \(shares.joined(separator: ", ")). training.event_weights.negative is \(policy). "
      + "Validation and test figures always use the signs"
  }

  /// A process with less than this fraction of the weight of its class is probably a mistake.
  private static let smallestPart = 1e-6

  /// Processes with negligible weight.
  private func lightProcesses(ofClass index: Int) -> [Finding] {
    guard weighting.share == .weight else { return [] }
    let members = trained.compactMap { number in
      groups[number].classes[index].map { (number, $0.weights.trainedAbsolute) }
    }
    let total = members.reduce(0) { $0 + $1.1 }
    return members.filter { $0.1 > 0 && $0.1 < Self.smallestPart * total }.map { number, weight in
      Finding(
        .warning, "light-process", process: processes[number].name,
        what: "process \(processes[number].name) has only \(Float(weight / total)) of the training weight of class "
          + "\(classes.names[index])", advice: "check its scale, or set data.share")
    }
  }

  /// Events with a very large weight.
  private func heavyEvents(ofClass index: Int) -> [Finding] {
    let members = trained.compactMap { number in groups[number].classes[index].map { (number, $0) } }
    // Σ|t|, and its largest term, with the shares of the processes.
    let part = { (group: EventGroup) in
      switch weighting.share {
      case .weight: 1.0
      case .events: Double(group.counts.training) / group.weights.trainedMagnitudes
      case .equal: 1 / group.weights.trainedMagnitudes
      }
    }
    let total = members.reduce(0) { $0 + $1.1.weights.trainedAbsolute * part($1.1) }
    let events = members.reduce(0) { $0 + $1.1.counts.training }
    return members.compactMap { number, group in
      let share = group.weights.heaviest.magnitude * part(group) / total
      guard share > Self.largestPart, share > 4 / Double(events) else { return nil }
      let place = place(ofEvent: group.weights.heaviest.event, in: processes[number])
      return Finding(
        .warning, "heavy-event", process: processes[number].name,
        what:
          "\(place) has \(decimals(100 * share, 1)) % of the training weight of all \(grouped(events)) events of class "
          + "\(classes.names[index]) and will dominate the fit", advice: "check its weight")
    }
  }

  /// Events with the same identity as another.
  private func repeatedKeys(_ scan: EventScan) -> [Finding] {
    processes.indices.compactMap { number in
      let keys = scan.chunks[number].flatMap(\.extra.keys)
      guard !keys.isEmpty else { return nil }
      let repeated = RepeatedKeys(keys)
      guard let example = repeated.example else { return nil }
      // A check may have skipped some chunks.
      let numbers = scan.chunks[number].flatMap { $0.firstOfProcess..<$0.firstOfProcess + $0.extra.keys.count }
      let (event, before) = (numbers[example.event], numbers[example.before])
      return Finding(
        .warning, "repeated-identity", process: processes[number].name,
        what: "\(counted(repeated.count, "event")) of process \(processes[number].name) "
          + "\(repeated.count == 1 ? "has" : "have") the same identity as another, such as "
          + "\(place(ofEvent: event, in: processes[number])) and \(place(ofEvent: before, in: processes[number]))",
        advice: "name more columns in data.event, or remove the copies")
    }
  }

  private func names(_ numbers: [Int]) -> String {
    numbers.prefix(10).map { processes[$0].name }.joined(separator: ", ") + (numbers.count > 10 ? ", …" : "")
  }
}

/// The place of event `number` of a process, counted from 1: "event 17 of a.npy".
private func place(ofEvent number: Int, in process: ProcessEvents) -> String {
  var first = 0
  for file in process.files {
    if number < first + file.events { return "event \(grouped(number - first + 1)) of \(file.path)" }
    first += file.events
  }
  return "event \(grouped(number + 1)) of \(process.name)"
}
