import Events
import Machine

extension EventCheck {
  /// Features that are functions of another feature.
  ///
  /// Linear functions: |ρ| of the values equals 1 within 10⁻⁶, and |ρ| of their ranks within 10⁻³. The second condition is needed
  /// because a few far outliers, such as 10³⁰ for missing values, are enough for the first. Other functions: if events are sorted by x,
  /// the ranks of a smooth function of x hardly change from one event to the next. The von Neumann ratio (mean squared difference of
  /// neighbours over twice the variance) is 6/n² for n events and a monotone function, 1 for independent features, and about 10⁻⁴ for
  /// a quantity that x determines to 1 %.
  static let dependent = EventCheck { events in
    let columns = PairedColumns(events)
    guard columns.events >= 100 else { return [] }
    let names = events.survey.features
    let found = concurrentMap(columns.features.count) { later -> [Finding] in
      for earlier in 0..<later {
        let (x, y) = (names[columns.features[earlier]], names[columns.features[later]])
        if columns.correlation(earlier, later).magnitude > 1 - 1e-6,
          columns.rankCorrelation(earlier, later).magnitude > 0.999
        {
          return [
            Finding(
              .warning, "linear-copy", feature: y, what: "is a linear function of \(x.quoted)",
              advice: "remove one of the two: it adds no information")
          ]
        }
        for (from, to) in [(earlier, later), (later, earlier)] where columns.roughness(of: to, over: from) < 1e-4 {
          let (x, y) = (names[columns.features[from]], names[columns.features[to]])
          return [
            Finding(
              .note, "function-of-another", feature: y, what: "is a function of \(x.quoted) alone",
              advice: "remove it, unless you want the network to see this form of \(x.quoted) too")
          ]
        }
      }
      return []
    }
    return found.flatMap { $0 }
  }
}

/// Some events of all processes used for training, column by column, for checks on pairs of columns.
private struct PairedColumns: Sendable {
  /// The indices of the features that are not constant.
  let features: [Int]
  let events: Int
  /// The values of each of these, shifted to mean 0 and scaled so that Σx² = 1.
  private let standardised: [[Double]]
  /// The ranks, shifted to mean 0; their variance; the events in ascending order.
  private let ranks: [[Double]]
  private let variances: [Double]
  private let orders: [[Int]]
  /// The number of distinct values.
  private let distinct: [Int]

  /// Enough events to see a dependence, and few enough for a thousand features, which have half a million pairs.
  private static let most = 2048

  init(_ checked: CheckedEvents) {
    let survey = checked.survey
    let count = survey.features.count
    var rows: [[Float]] = []
    let each = max(1, Self.most / max(1, checked.trained.count))
    for number in checked.trained {
      let sample = survey.processes[number].sample
      let step = max(1, sample.count / each)
      for event in Swift.stride(from: 0, to: sample.count, by: step) {
        let row = Array(sample.values[event * count..<(event + 1) * count])
        if row.allSatisfy(\.isFinite) { rows.append(row) }
      }
    }
    let all = rows
    events = all.count
    struct Column: Sendable {
      var feature: Int
      var standardised: [Double]
      var ranks: [Double]
      var order: [Int]
      var distinct: Int
    }
    let columns = concurrentMap(count) { feature -> Column? in
      let values = all.map { Double($0[feature]) }
      let mean = values.reduce(0, +) / Double(max(1, values.count))
      let differences = values.map { $0 - mean }
      let norm = differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard norm > 0, norm.isFinite else { return nil }
      let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
      var ranks = [Double](repeating: 0, count: values.count)
      var (start, distinct) = (0, 0)
      while start < order.count {
        var end = start + 1
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        for place in start..<end { ranks[order[place]] = Double(start + end - order.count) / 2 }
        (start, distinct) = (end, distinct + 1)
      }
      return Column(
        feature: feature, standardised: differences.map { $0 / norm }, ranks: ranks, order: order, distinct: distinct)
    }.compactMap { $0 }
    features = columns.map(\.feature)
    standardised = columns.map(\.standardised)
    ranks = columns.map(\.ranks)
    variances = columns.map { $0.ranks.reduce(0) { $0 + $1 * $1 } / Double(max(1, all.count)) }
    orders = columns.map(\.order)
    distinct = columns.map(\.distinct)
  }

  /// Pearson's correlation coefficient of two columns.
  func correlation(_ a: Int, _ b: Int) -> Double { product(standardised[a], standardised[b]) }

  /// Spearman's rank correlation coefficient.
  func rankCorrelation(_ a: Int, _ b: Int) -> Double {
    product(ranks[a], ranks[b]) / Double(events) / (variances[a] * variances[b]).squareRoot()
  }

  private func product(_ first: [Double], _ second: [Double]) -> Double {
    let x = first.span
    let y = second.span
    var sum = 0.0
    for event in x.indices { sum += x[event] * y[event] }
    return sum
  }

  /// The von Neumann ratio of the ranks of `column` in the order of another column; 1 if there are too few distinct values.
  func roughness(of column: Int, over other: Int) -> Double {
    guard distinct[column] > 100, 2 * distinct[other] > self.events else { return 1 }
    let (events, values) = (orders[other], ranks[column])
    let order = events.span
    let ranks = values.span
    var sum = 0.0
    for place in 1..<max(1, order.count) {
      let difference = ranks[order[place]] - ranks[order[place - 1]]
      sum += difference * difference
    }
    return sum / Double(order.count - 1) / (2 * variances[column])
  }
}
