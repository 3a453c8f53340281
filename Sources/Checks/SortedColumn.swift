/// The finite values of a feature in ascending order.
package struct SortedColumn: Sendable {
  package let values: [Float]

  package var count: Int { values.count }
  package var isEmpty: Bool { values.isEmpty }
  package var first: Float? { values.first }
  package var last: Float? { values.last }

  /// Sorts the finite values.
  package init(_ values: [Float]) { self.values = values.filter(\.isFinite).sorted() }

  /// Merges several columns.
  package init(merging columns: [SortedColumn]) {
    let parts = columns.filter { !$0.isEmpty }
    values = parts.count == 1 ? parts[0].values : parts.flatMap(\.values).sorted()
  }

  /// The value below which a fraction `q` of the values lies; NaN for an empty column.
  package func quantile(_ q: Double) -> Float {
    isEmpty ? .nan : values[min(count - 1, Int(q * Double(count)))]
  }

  package var median: Float { quantile(0.5) }

  /// The most frequent value, its count, and the number of distinct values.
  package var mode: (value: Float, count: Int, distinct: Int) {
    var (best, most, distinct) = (Float.nan, 0, 0)
    forEachRun { value, count in
      distinct += 1
      if count > most { (best, most) = (value, count) }
    }
    return (best, most, distinct)
  }

  /// The number of values equal to `value`.
  package func count(of value: Float) -> Int { position(above: value) - position(of: value) }

  /// The number of values below `value`.
  package func position(of value: Float) -> Int { partition { $0 >= value } }
  package func position(above value: Float) -> Int { partition { $0 > value } }

  private func partition(_ isBehind: (Float) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(values[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Calls `body` with each distinct value and its count.
  package func forEachRun(_ body: (Float, Int) -> Void) {
    var start = 0
    while start < count {
      var end = start + 1
      while end < count, values[end] == values[start] { end += 1 }
      body(values[start], end - start)
      start = end
    }
  }

  /// The probability that two events have the same value, Σp², estimated from the equal pairs in the sample, of which at least half a pair
  /// is assumed.
  package var collision: Double {
    guard count > 1 else { return 1 }
    var pairs = 0.5
    forEachRun { _, count in pairs += Double(count) * Double(count - 1) / 2 }
    return min(1, pairs / (Double(count) * Double(count - 1) / 2))
  }

  /// The probability that a value of this column is above one of the other, ties counting half: the area under the ROC curve.
  package func auc(above other: SortedColumn) -> Double {
    guard !isEmpty, !other.isEmpty else { return .nan }
    var (sum, below, upTo) = (0.0, 0, 0)
    for value in values {
      while below < other.count, other.values[below] < value { below += 1 }
      while upTo < other.count, other.values[upTo] <= value { upTo += 1 }
      sum += Double(below + upTo) / 2
    }
    return sum / (Double(count) * Double(other.count))
  }

  /// The Kolmogorov–Smirnov distance: the largest distance between the cumulative distributions.
  package func distance(from other: SortedColumn) -> Double {
    guard !isEmpty, !other.isEmpty else { return 0 }
    var (i, j, largest) = (0, 0, 0.0)
    while i < count, j < other.count {
      let value = min(values[i], other.values[j])
      while i < count, values[i] == value { i += 1 }
      while j < other.count, other.values[j] == value { j += 1 }
      largest = max(largest, (Double(i) / Double(count) - Double(j) / Double(other.count)).magnitude)
    }
    return largest
  }

  /// The Kolmogorov–Smirnov distance times √(nm / (n + m)). It exceeds 2.7 for one in a million pairs of equal distributions.
  package func significance(ofDistanceFrom other: SortedColumn) -> Double {
    let (n, m) = (Double(count), Double(other.count))
    return n + m == 0 ? 0 : distance(from: other) * (n * m / (n + m)).squareRoot()
  }

  /// Whether all values are integers.
  package var isInteger: Bool { values.allSatisfy { $0 == $0.rounded() } }
}
