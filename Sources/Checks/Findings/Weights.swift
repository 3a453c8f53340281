import Events
import Machine

extension EventCheck {
  /// Weights that leave few effective events, or that suggest mixed-up units or columns. Reading finds what a training warns of.
  static let weights = EventCheck { events in
    let processes = events.survey.processes.filter { $0.use != .data }
    return processes.flatMap(ofProcess) + betweenProcesses(processes.filter { $0.use == .train }) + effective(events)
  }

  private static func ofProcess(_ process: EventSurvey.Process) -> [Finding] {
    guard let weights = process.weights, weights.events > 0 else { return [] }
    let (negative, zero) = (weights.share(weights.negative), weights.share(weights.zero))
    var findings: [Finding] = []
    // NLO generators have at most about a third of negative weights.
    if negative > 0.4 {
      findings.append(
        Finding(
          .warning, "mostly-negative", process: process.name, what: "\(percent(negative)) of its weights are negative",
          advice: "check data.weight: this many negative weights leave little statistical power"))
    }
    if zero > 0.5, zero < 1 {
      findings.append(
        Finding(
          .warning, "zero-weights", process: process.name, what: "\(percent(zero)) of its weights are 0",
          advice: "check data.weight, and remove events that should not count"))
    }
    return findings
  }

  /// Mean weights that differ by more than cross sections do, and processes with equal weights if others have varying ones.
  private static func betweenProcesses(_ processes: [EventSurvey.Process]) -> [Finding] {
    let weighted = processes.filter { ($0.weights?.absolute ?? 0) > 0 }
    let means = weighted.map { ($0.weights?.absolute ?? 0) / Double($0.weights?.events ?? 1) }
    var findings: [Finding] = []
    if let low = means.indices.min(by: { means[$0] < means[$1] }),
      let high = means.indices.max(by: { means[$0] < means[$1] }),
      means[high] > 1e6 * means[low]
    {
      findings.append(
        Finding(
          .warning, "weight-units", process: weighted[low].name,
          what: "its mean weight is \(Float(means[low])), but that of \(weighted[high].name) is \(Float(means[high]))",
          advice: "check scale, cross_section (pb) and sum_weights of both"))
    }
    let equal = weighted.filter { $0.weights?.minimum == $0.weights?.maximum }
    if !equal.isEmpty, equal.count < weighted.count {
      findings.append(
        Finding(
          .note, "equal-weights", process: equal.count == 1 ? equal[0].name : nil,
          what:
            "all events of \(CheckedEvents.list(equal.map(\.name))) have the same weight, unlike those of other processes",
          advice: "fine for generators without weights; otherwise check the column"))
    }
    return findings
  }

  /// Classes with few effective training events, (Σ|w|)² / Σw².
  private static func effective(_ events: CheckedEvents) -> [Finding] {
    events.survey.classes.indices.compactMap { index in
      let totals = events.survey.processes.filter { $0.use == .train }.map { $0.totals[index] }
      let (absolute, squares) = (totals.reduce(0) { $0 + $1.absolute }, totals.reduce(0) { $0 + $1.squares })
      let count = totals.reduce(0) { $0 + $1.counts.training }
      guard squares > 0, count > 0 else { return nil }
      let effective = absolute * absolute / squares
      guard effective < 0.05 * Double(count) || effective < 50 && Double(count) > 2 * effective else { return nil }
      return Finding(
        .warning, "few-effective-events",
        what:
          "the \(grouped(count)) training events of class \(events.survey.classes[index]) have the statistical power of "
          + "\(grouped(Int(effective))) events of equal weight",
        advice:
          "look for a few very large weights, or for processes with very different scales in one class (data.share)")
    }
  }
}

extension WeightRange {
  fileprivate func share(_ count: Int) -> Double { Double(count) / Double(max(1, events)) }
}
