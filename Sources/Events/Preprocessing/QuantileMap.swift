import ElementaryFunctions

/// A feature's distribution, by which its values are brought to a uniform or a normal one.
///
/// As scikit-learn's `QuantileTransformer`: quantiles at evenly spaced shares from 0 to 1, straight lines between them (numpy's `quantile`), the
/// ends beyond them; where several quantiles are equal, the middle of their shares. For a normal distribution shares are kept within [10⁻⁷, 1 − 10⁻⁷].
struct QuantileMap: Sendable {
  let quantiles: [Double]
  let isNormal: Bool

  /// The most that are kept.
  static let most = 1000

  /// The quantiles of values, those that are missing left out; none if all are.
  static func quantiles(of sorted: [Double]) -> [Double] {
    guard !sorted.isEmpty else { return [] }
    let count = min(most, sorted.count)
    guard count > 1 else { return sorted }
    return (0..<count).map { number in
      // In whole numbers: of values that are all kept, each is to stay what it is.
      let (below, rest) = (number * (sorted.count - 1)).quotientAndRemainder(dividingBy: count - 1)
      let (low, high) = (sorted[below], sorted[min(below + 1, sorted.count - 1)])
      let part = Double(rest) / Double(count - 1)
      return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part)
    }
  }

  /// The transformed value; NaN stays NaN.
  func callAsFunction(_ value: Double) -> Double {
    guard !value.isNaN, let first = quantiles.first, let last = quantiles.last else { return value }
    // In the middle of equal quantiles: by the first and by the last of them.
    let share =
      value <= first
      ? 0 : value >= last ? 1 : 0.5 * (self.share(of: value, upper: false) + self.share(of: value, upper: true))
    guard isNormal else { return share }
    return Elementary.inverseNormal(min(max(share, 1e-7), 1 - 1e-7))
  }

  private func share(of value: Double, upper: Bool) -> Double {
    let last = quantiles.count - 1
    // The number of quantiles below the value, or not above it.
    var (first, end) = (0, quantiles.count)
    while first < end {
      let middle = (first + end) / 2
      if upper ? quantiles[middle] <= value : quantiles[middle] < value { first = middle + 1 } else { end = middle }
    }
    // The quantile at the value, or the one before it.
    if !upper, first <= last, quantiles[first] == value { return Double(first) / Double(last) }
    if upper, first > 0, quantiles[first - 1] == value { return Double(first - 1) / Double(last) }
    // Between the first and the last of them.
    let (low, high) = (quantiles[first - 1], quantiles[first])
    return (Double(first - 1) + (value - low) / (high - low)) / Double(last)
  }
}
