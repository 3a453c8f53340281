import Events
import Machine

extension EventCheck {
  /// Numbers that mean missing values. Reading finds those that a training warns of, far from all other values in at least 0.5 % of the
  /// events; this check finds the rest.
  static let missingValues = EventCheck { events in
    let others = events.survey.processes.indices.filter { events.survey.processes[$0].use != .train }
    let groups = [(String?.none, events.pooled)] + others.map { (events.survey.processes[$0].name, events.columns[$0]) }
    return groups.flatMap { process, columns in
      zip(events.survey.features, columns).flatMap { feature, column -> [Finding] in
        var findings: [Finding] = []
        for spike in Spike.all(in: column.values) where spike.events >= fewest {
          // A training reports it too if enough of its events have it.
          guard spike.share < FeatureWarnings.leastShare || process != nil else { continue }
          findings.append(missing(spike.value, spike.share, process, feature))
        }
        if findings.isEmpty, let value = defaultNumber(column) {
          findings.append(missing(value, Double(column.count(of: value)) / Double(column.count), process, feature))
        }
        return findings
      }
    }
  }

  /// Fewer could be chance.
  private static let fewest = 3
  /// Negative defaults of common tools that are too close to real values to look like outliers.
  private static let defaults: [Float] = [-1, -2, -5, -9, -10, -99, -100]

  /// One of these defaults if all other values are at least 0 and varied enough for a measured quantity (unlike a charge, ±1).
  private static func defaultNumber(_ column: SortedColumn) -> Float? {
    guard let first = column.first, defaults.contains(first) else { return nil }
    let count = column.count(of: first)
    guard count >= fewest, count < column.count, column.values[count] >= 0 else { return nil }
    var distinct = 0
    column.forEachRun { _, _ in distinct += 1 }
    return distinct > 20 ? first : nil
  }

  private static func missing(_ value: Float, _ share: Double, _ process: String?, _ feature: String) -> Finding {
    Finding(
      .warning, "missing-value", process: process, feature: feature,
      what: "is \(shown(value)) in \(percent(share)) of the events, apart from all other values: a missing value?",
      advice: "list it in data.missing, or exclude these events with data.selection")
  }

  /// One exact value shared by many events among values that hardly ever repeat: padding with 0, a default, a bound.
  static let spikes = EventCheck { events in
    events.varying.compactMap { number in
      let (feature, column) = (events.survey.features[number], events.pooled[number])
      guard column.count >= 1000 else { return nil }
      let (value, count, distinct) = column.mode
      let share = Double(count) / Double(column.count)
      // The other values must hardly repeat, as for a measured quantity.
      guard share >= 0.01, share < nearlyAll, distinct - 1 >= (column.count - count) / 4, distinct > 100 else {
        return nil
      }
      let isAtEnd = value == column.first || value == column.last
      if value == 0 {
        // An isolation is often 0, at the end of its range; the momentum of a selected object is not.
        guard !isAtEnd || isFarFromOthers(value, in: column) else { return nil }
        return Finding(
          .note, "zero-filled", feature: feature, what: "is exactly 0 in \(percent(share)) of the events",
          advice: "if 0 means that an object is absent, add a feature that says so (0 or 1)")
      }
      // A score of exactly 1 is normal.
      guard !isAtEnd || events.quantities[number] != .score else { return nil }
      return Finding(
        .note, isAtEnd ? "clipped" : "spike", feature: feature,
        what: "is exactly \(shown(value)) in \(percent(share)) of the events, "
          + (isAtEnd
            ? "at the end of its range: clipped values, or a default?" : "inside the range of the others"),
        advice: isAtEnd ? "check whether the values are clipped" : "check whether it means a missing value")
    }
  }

  /// Whether the nearest other value is further away than a twentieth of the interquartile range.
  private static func isFarFromOthers(_ value: Float, in column: SortedColumn) -> Bool {
    let others = SortedColumn(column.values.filter { $0 != value })
    guard let first = others.first, let last = others.last else { return false }
    return min((first - value).magnitude, (last - value).magnitude) > (others.quantile(0.75) - others.quantile(0.25))
      / 20
  }
}
