import Machine

/// Mean and spread of each feature of some events.
///
/// Of a chunk of events the sums of differences to its first event are added up in double, in the order of the events; chunks
/// are joined in their order (Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
/// 1979). So the result does not depend on which thread had which chunk. As the first event is one of those counted, cancellation
/// loses at most a factor of their number: 8,192 of 2⁵³.
struct FeatureMoments: Sendable {
  /// The events.
  private(set) var count = 0
  /// For each feature, how many of them have it.
  private(set) var counts: [Int]
  private(set) var mean: [Double]
  /// Σ(x − mean)².
  private var squares: [Double]

  init(features: Int) {
    mean = Array(repeating: 0, count: features)
    squares = mean
    counts = Array(repeating: 0, count: features)
  }

  /// Those of the events of `values`, (events, features), that have a use. With `mayMiss`, values may be NaN, which do not count.
  init(_ values: Span<Float>, features: Int, counting uses: [EventUse], _ use: EventUse, mayMiss: Bool = false) {
    self.init(features: features)
    precondition(values.count >= uses.count * features)
    if mayMiss {
      measure(values, uses, use)
      return
    }
    guard let first = uses.firstIndex(of: use) else { return }
    let shift = (0..<features).map { Double(values[first * features + $0]) }
    var (sums, squares) = (mean, squares)
    // SAFETY: features and events lie within the arrays and the values, by the line above.
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe squares.withUnsafeMutableBufferPointer { squares in
        unsafe shift.withUnsafeBufferPointer { shift in
          unsafe values.withUnsafeBufferPointer { values in
            for event in first..<uses.count where uses[event] == use {
              count += 1
              let row = event &* features
              for feature in 0..<features {
                let distance = unsafe Double(values[row &+ feature]) - shift[feature]
                unsafe sums[feature] += distance
                unsafe squares[feature] += distance * distance
              }
            }
          }
        }
      }
    }
    for feature in 0..<features {
      counts[feature] = count
      mean[feature] = shift[feature] + sums[feature] / Double(count)
      self.squares[feature] = max(0, squares[feature] - sums[feature] * sums[feature] / Double(count))
    }
  }

  /// The same of what is not missing.
  private mutating func measure(_ values: Span<Float>, _ uses: [EventUse], _ use: EventUse) {
    let features = mean.count
    let counted = uses.indices.filter { uses[$0] == use }
    count = counted.count
    // Of each feature, the value of the first event that has it.
    let shift = (0..<features).map { feature in
      counted.first { !values[$0 * features + feature].isNaN }.map { Double(values[$0 * features + feature]) } ?? 0
    }
    var (sums, squares) = (mean, mean)
    // SAFETY: features and events lie within the arrays and the values, as in the initialiser.
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe squares.withUnsafeMutableBufferPointer { squares in
        unsafe counts.withUnsafeMutableBufferPointer { counts in
          unsafe shift.withUnsafeBufferPointer { shift in
            unsafe values.withUnsafeBufferPointer { values in
              for event in counted {
                let row = event &* features
                for feature in 0..<features {
                  let value = unsafe Double(values[row &+ feature])
                  let isThere = value == value
                  let distance = unsafe isThere ? value - shift[feature] : 0
                  unsafe sums[feature] += distance
                  unsafe squares[feature] += distance * distance
                  unsafe counts[feature] &+= isThere ? 1 : 0
                }
              }
            }
          }
        }
      }
    }
    for feature in 0..<features where counts[feature] > 0 {
      let number = Double(counts[feature])
      mean[feature] = shift[feature] + sums[feature] / number
      self.squares[feature] = max(0, squares[feature] - sums[feature] * sums[feature] / number)
    }
  }

  /// Adds the events of another chunk, which come after these.
  mutating func append(_ other: FeatureMoments) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    for feature in mean.indices where other.counts[feature] > 0 {
      let (count, others) = (Double(counts[feature]), Double(other.counts[feature]))
      let total = count + others
      let distance = other.mean[feature] - mean[feature]
      mean[feature] += distance * others / total
      squares[feature] += other.squares[feature] + distance * distance * count * others / total
      counts[feature] += other.counts[feature]
    }
    count += other.count
  }

  /// The standard deviation of a feature: √(Σ(x − mean)² / n).
  func deviation(_ feature: Int) -> Double { (squares[feature] / Double(counts[feature])).squareRoot() }
}
