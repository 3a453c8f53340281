import Events
import Machine

extension EventCheck {
  /// MeV mixed with GeV: a factor of about 1000 between processes, between files of a process, or between energy-like features.
  static let units = EventCheck { events in
    events.survey.features.indices.flatMap { feature -> [Finding] in
      let name = events.survey.features[feature]
      return betweenProcesses(events, feature, name) + betweenFiles(events, feature, name)
    } + betweenFeatures(events)
  }

  /// Whether all three quartiles of `a` are about 1000 times those of `b`: different physics changes them by less, and not all by the
  /// same factor.
  private static func isThousandTimes(_ a: SortedColumn, _ b: SortedColumn) -> Bool {
    guard a.count >= 50, b.count >= 50 else { return false }
    let ratios = [0.25, 0.5, 0.75].map { Double(a.quantile($0)) / Double(b.quantile($0)) }
    guard ratios.allSatisfy({ $0 > 250 && $0 < 4000 }), let low = ratios.min(), let high = ratios.max() else {
      return false
    }
    return high < 3 * low
  }

  private static func betweenProcesses(_ events: CheckedEvents, _ feature: Int, _ name: String) -> [Finding] {
    let processes = events.survey.processes.indices.filter { events.columns[$0][feature].count >= 50 }
    let large = processes.filter { a in
      processes.contains { isThousandTimes(events.columns[a][feature], events.columns[$0][feature]) }
    }
    guard let first = large.first,
      let other = processes.first(where: {
        isThousandTimes(events.columns[first][feature], events.columns[$0][feature])
      })
    else { return [] }
    let names = large.map { events.survey.processes[$0].name }
    return [
      Finding(
        .warning, "units-between-processes", process: names.count == 1 ? names[0] : nil, feature: name,
        what:
          "is about 1000 times as large in \(CheckedEvents.list(names)) (median \(rounded(events.columns[first][feature].median))) "
          + "as in \(events.survey.processes[other].name) (median \(rounded(events.columns[other][feature].median)))",
        advice: "use one unit in all files: MeV or GeV")
    ]
  }

  private static func betweenFiles(_ events: CheckedEvents, _ feature: Int, _ name: String) -> [Finding] {
    events.survey.processes.flatMap { process -> [Finding] in
      let columns = process.columnsOfFiles(feature, of: events.survey.features.count)
      for (number, column) in columns.enumerated() {
        guard let other = columns.indices.first(where: { isThousandTimes(column, columns[$0]) }) else { continue }
        return [
          Finding(
            .warning, "units-between-files", file: process.files[number].path, process: process.name, feature: name,
            what: "is about 1000 times as large in this file (median \(rounded(column.median))) as in "
              + "\(process.files[other].path) (median \(rounded(columns[other].median)))",
            advice: "use one unit in all files: MeV or GeV")
        ]
      }
      return []
    }
  }

  /// An energy-like feature that differs from the others, which are of similar size, by a factor of about 1000.
  private static func betweenFeatures(_ events: CheckedEvents) -> [Finding] {
    let energies = events.survey.features.indices.filter {
      events.quantities[$0] == .energy && events.pooled[$0].count >= 50
    }
    let medians = energies.map { Double(events.pooled[$0].median) }
    guard energies.count >= 3 else { return [] }
    return zip(energies, medians).compactMap { feature, median in
      let others = zip(energies, medians).filter { $0.0 != feature && $0.1 > 0 }.map(\.1)
      // From a fifth of the smallest to five times the largest of the others, which include masses and sums of momenta.
      guard let low = others.min(), let high = others.max(), others.count >= 2, median > 0 else { return nil }
      let isLarge = median > 100 * high && median / 1000 > low / 5 && median / 1000 < 5 * high
      let isSmall = median < low / 100 && median * 1000 > low / 5 && median * 1000 < 5 * high
      guard isLarge || isSmall else { return nil }
      return Finding(
        .warning, "units-between-features", feature: events.survey.features[feature],
        what: "its median is \(rounded(Float(median))), but those of the other momenta, masses and energies range from "
          + "\(rounded(Float(low))) to \(rounded(Float(high)))",
        advice: "use one unit for all features: MeV or GeV")
    }
  }
}

extension EventSurvey.Process {
  /// The finite values of a feature in the sample, for each file.
  func columnsOfFiles(_ feature: Int, of features: Int) -> [SortedColumn] {
    guard files.count > 1 else { return [] }
    var values = files.map { _ in [Float]() }
    for (value, file) in zip(sample.column(feature, of: features), sample.files) { values[file].append(value) }
    return values.map { SortedColumn($0) }
  }
}
