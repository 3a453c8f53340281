import Events
import Machine

extension EventCheck {
  /// If at least this fraction of the values agrees, a column counts as constant: of 16,384 events at most 16 differ.
  static let nearlyAll = 0.999

  /// Columns in which nearly all events have the same value. If all do, a training warns.
  static let nearlyConstant = EventCheck { events in
    events.varying.compactMap { feature in
      let column = events.pooled[feature]
      let (value, count, _) = column.mode
      let share = Double(count) / Double(column.count)
      guard share >= nearlyAll else { return nil }
      return Finding(
        .warning, "nearly-constant", feature: events.survey.features[feature],
        what: "all but \(percent(1 - share)) of the events have the value \(shown(value))",
        advice: "remove the feature: after standardisation its few other values become very large")
    }
  }

  /// Columns that are constant in one process but not in others, so that the value gives the process away. If every process has its own
  /// constant, `ranges-apart` reports it.
  static let constantInProcess = EventCheck { events in
    events.varying.flatMap { feature in
      let isConstant = { (number: Int) in
        events.ranges[number][feature].minimum == events.ranges[number][feature].maximum
      }
      guard !events.trained.allSatisfy(isConstant) else { return [Finding]() }
      return events.trained.compactMap { number in
        let range = events.ranges[number][feature]
        let process = events.survey.processes[number]
        // The chance that fifty events agree on a value that four fifths of the others have is 1 in 70,000.
        guard isConstant(number), process.eventsRead >= 50 else { return nil }
        let others = events.trained.filter { $0 != number }.map { events.columns[$0][feature] }
        let same = others.reduce(0) { $0 + $1.count(of: range.minimum) }
        let all = others.reduce(0) { $0 + $1.count }
        guard all > 0, Double(same) < 0.8 * Double(all) else { return nil }
        return Finding(
          .warning, "constant-in-process", process: process.name, feature: events.survey.features[feature],
          what:
            "is \(shown(range.minimum)) in all events of this process, but has other values in other processes",
          advice: "fill it the same way for all processes, or remove the feature: it gives the process away")
      }
    }
  }
}
