import Events
import Machine

extension EventCheck {
  /// Distributions with tails so long that, after standardisation, nearly all events look alike; and single values far beyond the tail.
  ///
  /// In units of the interquartile range, the standard deviation is 0.7 for a normal distribution, 0.9 for an exponential one (typical of
  /// momenta), 1.8 for the square of an exponential variable, and 5 for a lognormal one with σ = 1.6. The largest of a million values
  /// lies at 2.0 times the 99.9 % quantile for an exponential distribution, and at 5.6 times for a power law of index 4.
  static let tails = EventCheck { events in
    events.varying.compactMap { feature in
      let (column, spike) = events.pooled[feature].withoutSpike
      guard column.count >= 100 else { return nil }
      let (low, median, high) = (Double(column.quantile(0.25)), Double(column.median), Double(column.quantile(0.75)))
      let (bottom, top) = (Double(column.quantile(0.001)), Double(column.quantile(0.999)))
      guard high > low else { return nil }
      let range = events.trained.map { events.ranges[$0][feature] }.joined
      let minimum = range.minimum == spike ? column.first ?? 0 : range.minimum
      let maximum = range.maximum == spike ? column.last ?? 0 : range.maximum
      let name = events.survey.features[feature]
      // How far the most extreme event lies beyond the tail of the sample.
      let above = (Double(maximum) - median) / max(top - median, high - low)
      let below = (median - Double(minimum)) / max(median - bottom, high - low)
      let isAbove = above >= below
      if max(above, below) > 30 {
        let extreme = isAbove ? maximum : minimum
        return Finding(
          max(above, below) > 1000 ? .warning : .note, "outlier", feature: name,
          what: "reaches \(rounded(extreme)), but 99.9 % of the events are \(isAbove ? "below" : "above") "
            + "\(rounded(Float(isAbove ? top : bottom)))",
          advice: "check the events with such values: they dominate its mean and spread")
      }
      let mean = column.values.reduce(0) { $0 + Double($1) } / Double(column.count)
      let variance = column.values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(column.count)
      let ratio = variance.squareRoot() / (high - low)
      guard ratio > 5, Double(column.first ?? 0) >= 0 || ratio > 20 else { return nil }
      return Finding(
        .note, "long-tail", feature: name,
        what:
          "has a long tail: half of the events lie between \(rounded(Float(low))) and \(rounded(Float(high))), but its "
          + "standard deviation is \(rounded(Float(variance.squareRoot())))",
        advice: Double(minimum) >= 0
          ? "its logarithm is easier to learn from"
          : "a function that compresses it, such as asinh, is easier to learn from")
    }
  }
}

extension SortedColumn {
  /// The values without one that 1 % of the events or more have: a placeholder is not part of the distribution.
  fileprivate var withoutSpike: (column: SortedColumn, spike: Float?) {
    let (value, count, distinct) = mode
    guard distinct > 100, count >= self.count / 100, count > 1 else { return (self, nil) }
    return (SortedColumn(values.filter { $0 != value }), value)
  }
}
