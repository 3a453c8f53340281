/// Brings every feature to mean 0 and standard deviation 1: (x − mean) · scale, in float32.
public struct Standardization: Equatable, Sendable {
  /// The mean of each feature, in the feature's unit.
  public var mean: [Float]
  /// One over the standard deviation of each feature; 1 for a feature that never changes.
  public var scale: [Float]

  /// All by name; both have one value per feature.
  public init(mean: [Float], scale: [Float]) {
    precondition(mean.count == scale.count, "a mean and a scale per feature")
    self.mean = mean
    self.scale = scale
  }

  /// Leaves features as they are.
  public static func identity(features: Int) -> Standardization {
    Standardization(
      mean: Array(repeating: 0, count: features), scale: Array(repeating: 1, count: features))
  }

  /// Whether this leaves features as they are.
  public var isIdentity: Bool { mean.allSatisfy { $0 == 0 } && scale.allSatisfy { $0 == 1 } }

  /// Measures `rows` events that stand `stride` floats apart, unweighted: mean = Σx / n, variance = Σ(x − mean)² / n (the
  /// population's, as numpy's `std` and scikit-learn's `StandardScaler`), added up in double in the order of the events.
  init(measuring values: Span<Float>, rows: Range<Int>, stride: Int, features: Int) {
    let count = Double(rows.count)
    var sums = [Double](repeating: 0, count: features)
    for row in rows {
      for feature in 0..<features { sums[feature] += Double(values[row * stride + feature]) }
    }
    let means = sums.map { $0 / count }
    var squares = [Double](repeating: 0, count: features)
    for row in rows {
      for feature in 0..<features {
        let distance = Double(values[row * stride + feature]) - means[feature]
        squares[feature] += distance * distance
      }
    }
    mean = means.map { Float($0) }
    scale = squares.map { square in
      let scale = Float(1 / (square / count).squareRoot())
      return scale.isFinite ? scale : 1
    }
  }

  /// Standardises rows that stand `stride` floats apart.
  public func apply(to values: inout MutableSpan<Float>, rows: Int, stride: Int) {
    for row in 0..<rows {
      for feature in mean.indices {
        let place = row * stride + feature
        values[place] = (values[place] - mean[feature]) * scale[feature]
      }
    }
  }
}
