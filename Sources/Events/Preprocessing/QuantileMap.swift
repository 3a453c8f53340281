import ElementaryFunctions

/// The quantiles of a feature, which map its values to a uniform or normal distribution.
///
/// As in scikit-learn's `QuantileTransformer`: quantiles at evenly spaced fractions from 0 to 1 with linear interpolation (numpy's
/// `quantile`); values beyond the ends are clipped; for equal quantiles, the middle of their fractions. For a normal distribution,
/// fractions are limited to [10⁻⁷, 1 − 10⁻⁷].
struct QuantileMap: Sendable {
  let quantiles: [Double]
  let isNormal: Bool

  /// The maximum number of quantiles.
  static let most = 1000

  /// The quantiles of the values that are not missing; empty if all are missing.
  static func quantiles(of sorted: [Double]) -> [Double] {
    guard !sorted.isEmpty else { return [] }
    let count = min(most, sorted.count)
    guard count > 1 else { return sorted }
    return (0..<count).map { number in
      // In integers, so that values that are all kept stay exactly as they are.
      let (below, rest) = (number * (sorted.count - 1)).quotientAndRemainder(dividingBy: count - 1)
      let (low, high) = (sorted[below], sorted[min(below + 1, sorted.count - 1)])
      let part = Double(rest) / Double(count - 1)
      return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part)
    }
  }

  /// The transformed value; NaN stays NaN.
  func callAsFunction(_ value: Double) -> Double {
    guard !value.isNaN, let first = quantiles.first, let last = quantiles.last else { return value }
    // For equal quantiles, the middle: the mean of the results for the first and the last of them.
    let share =
      value <= first
      ? 0 : value >= last ? 1 : 0.5 * (self.share(of: value, upper: false) + self.share(of: value, upper: true))
    guard isNormal else { return share }
    return Elementary.inverseNormal(min(max(share, 1e-7), 1 - 1e-7))
  }

  private func share(of value: Double, upper: Bool) -> Double {
    let last = quantiles.count - 1
    // The number of quantiles below the value, or less than or equal to it.
    var (first, end) = (0, quantiles.count)
    while first < end {
      let middle = (first + end) / 2
      if upper ? quantiles[middle] <= value : quantiles[middle] < value { first = middle + 1 } else { end = middle }
    }
    // The quantile equal to the value, or the one before it.
    if !upper, first <= last, quantiles[first] == value { return Double(first) / Double(last) }
    if upper, first > 0, quantiles[first - 1] == value { return Double(first - 1) / Double(last) }
    // Between the first and the last of them.
    let (low, high) = (quantiles[first - 1], quantiles[first])
    return (Double(first - 1) + (value - low) / (high - low)) / Double(last)
  }
}
