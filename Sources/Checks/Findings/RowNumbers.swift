import Events
import Machine

extension EventCheck {
  /// Features that rise or fall from event to event: row or event numbers, or files sorted by a feature.
  static let rowNumbers = EventCheck { events in
    let features = events.survey.features
    return features.indices.compactMap { feature -> Finding? in
      for number in events.survey.processes.indices {
        let process = events.survey.processes[number]
        let column = events.columns[number][feature]
        // A thousand distinct values are never sorted by chance.
        guard column.count >= 100, column.mode.distinct > column.count / 2,
          process.sample.isMonotone(feature, of: features.count)
        else { continue }
        if column.isInteger, column.count == column.mode.distinct {
          return Finding(
            .warning, "row-number", process: process.name, feature: features[feature],
            what: "rises or falls in whole numbers from event to event, like an event or row number",
            advice: "remove it: it carries no physics, and may identify processes and files")
        }
        return Finding(
          .note, "sorted", process: process.name, feature: features[feature],
          what: "the events are sorted by this feature",
          advice: "harmless with split.by: random and training.shuffle: true; otherwise parts of a file differ")
      }
      return nil
    }
  }
}

extension EventSurvey.Sample {
  /// Whether the values of a feature never fall, or never rise, within each file.
  fileprivate func isMonotone(_ feature: Int, of features: Int) -> Bool {
    var (rises, falls) = (false, false)
    for event in 1..<max(1, count) where files[event] == files[event - 1] {
      let (before, value) = (values[(event - 1) * features + feature], values[event * features + feature])
      guard before.isFinite, value.isFinite else { return false }
      if value > before { rises = true } else if value < before { falls = true }
      if rises, falls { return false }
    }
    return rises || falls
  }
}
