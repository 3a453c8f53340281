import Machine

/// Mean and spread of each feature of some events.
///
/// Of a chunk of events the sums of differences to its first event are added up in double, in the order of the events; chunks
/// are joined in their order (Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
/// 1979). So nothing depends on which thread had which chunk. As the first event is one of those that are counted, at most the
/// factor of their number is lost to cancellation: 8,192 of 2⁵³.
struct FeatureMoments: Sendable {
  private(set) var count = 0
  private(set) var mean: [Double]
  /// Σ(x − mean)².
  private var squares: [Double]

  init(features: Int) {
    mean = Array(repeating: 0, count: features)
    squares = mean
  }

  /// Those of the events of `values`, (events, features), that `isCounted` says.
  init(_ values: Span<Float>, features: Int, counting uses: [EventUse], _ use: EventUse) {
    self.init(features: features)
    precondition(values.count >= uses.count * features)
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
      mean[feature] = shift[feature] + sums[feature] / Double(count)
      self.squares[feature] = max(0, squares[feature] - sums[feature] * sums[feature] / Double(count))
    }
  }

  /// Adds the events of another chunk, which come after these.
  mutating func append(_ other: FeatureMoments) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let total = Double(count + other.count)
    for feature in mean.indices {
      let distance = other.mean[feature] - mean[feature]
      mean[feature] += distance * Double(other.count) / total
      squares[feature] += other.squares[feature] + distance * distance * Double(count) * Double(other.count) / total
    }
    count += other.count
  }

  /// The standard deviation of a feature: √(Σ(x − mean)² / n).
  func deviation(_ feature: Int) -> Double { (squares[feature] / Double(count)).squareRoot() }
}
