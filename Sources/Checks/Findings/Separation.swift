import Events
import Machine

extension EventCheck {
  /// A single feature that separates two classes: their ranges do not overlap, or the area under its ROC curve is 0.999.
  ///
  /// No physical quantity does that for events of one selection; sample numbers, labels and forgotten cuts do.
  static let separation = EventCheck { events in
    let (survey, classes) = (events.survey, events.survey.classes.indices)
    return events.varying.compactMap { feature in
      let name = survey.features[feature]
      let columns = events.columnsOfClasses.map { $0[feature] }
      var (apart, leaks) = ([(Int, Int)](), [(Int, Int, Double)]())
      for a in classes {
        for b in classes
        where a < b && columns[a].count >= fewestForSeparation && columns[b].count >= fewestForSeparation {
          // If the lowest and highest 5 % of the two overlap, the area is below 1 − 0.05².
          guard
            columns[a].quantile(0.05) > columns[b].quantile(0.95)
              || columns[b].quantile(0.05) > columns[a].quantile(0.95)
          else { continue }
          let area = columns[a].auc(above: columns[b])
          let separation = max(area, 1 - area)
          if separation == 1, rangesAreApart(events, feature, a, b) {
            apart.append((a, b))
          } else if separation > 0.999 {
            leaks.append((a, b, separation))
          }
        }
      }
      let pair = { (a: Int, b: Int) in "\(survey.classes[a]) and \(survey.classes[b])" }
      if let (a, b) = apart.first {
        let more = apart.count > 1 ? " (also for \(counted(apart.count - 1, "more pair")) of classes)" : ""
        return Finding(
          .warning, "ranges-apart", feature: name,
          what: "its ranges in \(pair(a, b)) do not overlap: \(range(columns[a])) and \(range(columns[b]))\(more)",
          advice: "check units and selections; remove a feature that identifies the sample")
      }
      if let (a, b, area) = leaks.max(by: { $0.2 < $1.2 }) {
        return Finding(
          .warning, "class-leak", feature: name,
          what: "separates \(pair(a, b)) on its own: the area under its ROC curve is \(decimals(area, 4))",
          advice: "check that it exists in data too, and is computed the same way for all processes")
      }
      return nil
    }
  }

  /// For 30 events in each of two classes, the chance of complete separation is 1 in 10^17.
  private static let fewestForSeparation = 30

  private static func range(_ column: SortedColumn) -> String {
    guard let first = column.first, let last = column.last else { return "none" }
    return first == last ? shown(first) : "\(rounded(first)) to \(rounded(last))"
  }

  /// Over all events read, if the processes of the classes are known.
  private static func rangesAreApart(_ events: CheckedEvents, _ feature: Int, _ a: Int, _ b: Int) -> Bool {
    let processes = events.survey.processes
    guard events.trained.allSatisfy({ processes[$0].classIndex != nil }) else { return true }
    let ranges = [a, b].map { label in
      events.trained.filter { processes[$0].classIndex == label }.map { events.ranges[$0][feature] }.joined
    }
    return ranges[0].maximum < ranges[1].minimum || ranges[1].maximum < ranges[0].minimum
  }
}
