/// Median and quartiles of a measurement's repeats.
package struct Quartiles: Equatable {
  /// The middle value, or the mean of the two middle ones.
  package let median: Double
  /// The lower quartile: with few repeats, the value nearest to it.
  package let low: Double
  /// The upper quartile: with few repeats, the value nearest to it.
  package let high: Double

  /// The spread of one or more values.
  package init(_ values: [Double]) {
    precondition(!values.isEmpty, "nothing was measured")
    let sorted = values.sorted()
    let quarter = sorted.count / 4
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    low = sorted[quarter]
    high = sorted[sorted.count - 1 - quarter]
  }
}
