package import Events
import Machine

/// A survey of events, with the sorted columns of its samples that several checks use.
package struct CheckedEvents: Sendable {
  package let survey: EventSurvey
  /// The indices of the processes used for training.
  let trained: [Int]
  /// The range over all events read, for each process and feature.
  let ranges: [[ColumnRange]]
  /// The finite values of the sample in ascending order, for each process and feature.
  let columns: [[SortedColumn]]
  /// The same for each class, over the processes used for training.
  let columnsOfClasses: [[SortedColumn]]
  /// The same over all processes used for training.
  let pooled: [SortedColumn]
  /// The quantities that the feature names suggest.
  let quantities: [Quantity?]

  package init(_ survey: EventSurvey) {
    let features = survey.features.indices
    self.survey = survey
    trained = survey.processes.indices.filter {
      survey.processes[$0].use == .train && survey.processes[$0].sample.count > 0
    }
    ranges = survey.processes.map { process in
      features.map { feature in process.files.map { $0.columns[feature] }.joined }
    }
    quantities = survey.features.map { Quantity(ofFeature: $0) }
    let processes = survey.processes
    let count = features.count
    columns = concurrentMap(processes.count * count) { index in
      SortedColumn(processes[index / count].sample.column(index % count, of: count))
    }.inRows(of: count, rows: processes.count)
    let (trained, sorted) = (trained, columns)
    columnsOfClasses = concurrentMap(survey.classes.count * count) { index in
      let (label, feature) = (index / count, index % count)
      let parts = trained.map { number in
        let process = processes[number]
        guard process.sample.labels.isEmpty else {
          let values = process.sample.column(feature, of: count)
          return SortedColumn(zip(values, process.sample.labels).filter { Int($1) == label }.map(\.0))
        }
        return process.classIndex == label ? sorted[number][feature] : SortedColumn([])
      }
      return SortedColumn(merging: parts)
    }.inRows(of: count, rows: survey.classes.count)
    pooled = concurrentMap(count) { feature in SortedColumn(merging: trained.map { sorted[$0][feature] }) }
  }

  /// The indices of the features that are not constant.
  var varying: [Int] { survey.features.indices.filter { (pooled[$0].first ?? 0) < (pooled[$0].last ?? 0) } }

  /// `a`, `a and b`, `a, b and 3 more`.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(3).map { $0.abridged() }
    let rest = names.count - shown.count
    if rest > 0 { return shown.joined(separator: ", ") + " and \(rest) more" }
    return shown.count < 2
      ? shown.joined() : shown.dropLast().joined(separator: ", ") + " and \(shown[shown.count - 1])"
  }
}

extension EventSurvey.Sample {
  /// The values of a feature, event by event.
  func column(_ feature: Int, of features: Int) -> [Float] {
    (0..<count).map { values[$0 * features + feature] }
  }
}

extension Array {
  /// Rows of `count` elements each.
  fileprivate func inRows(of count: Int, rows: Int) -> [[Element]] {
    (0..<rows).map { Array(self[$0 * count..<($0 + 1) * count]) }
  }
}

/// A number as shown in messages.
package func shown(_ value: Float) -> String {
  value.magnitude < 1e9 && Float(Int(value)) == value ? "\(Int(value))" : "\(value)"
}

/// A number as shown in messages, rounded to three digits.
package func rounded(_ value: Float) -> String {
  guard value.isFinite, value != 0, value.magnitude > 1e-6, value.magnitude < 1e9 else { return shown(value) }
  var (unit, digits) = (1.0, 0)
  let magnitude = Double(value.magnitude)
  while magnitude >= 1000 * unit { unit *= 10 }
  while magnitude < 100 * unit, digits < 8 { (unit, digits) = (unit / 10, digits + 1) }
  let result = (Double(value) / unit).rounded() * unit
  return result == result.rounded() ? "\(Int(result))" : decimals(result, digits)
}

/// A fraction in percent.
package func percent(_ share: Double) -> String {
  share > 0 && share < 0.0001 ? "less than 0.01 %" : "\(decimals(100 * share, share < 0.01 ? 2 : 1)) %"
}
