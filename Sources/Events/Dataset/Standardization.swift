/// Brings every feature to mean 0 and standard deviation 1: (x − mean) · scale, in float32.
public struct Standardization: Codable, Equatable, Sendable {
  /// The mean of each feature, in the feature's unit.
  public var mean: [Float]
  /// One over the standard deviation of each feature; 1 for a feature that never changes.
  public var scale: [Float]

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

  /// From the training events, unweighted: mean = Σx / n, variance = Σ(x − mean)² / n (the population's, as numpy's `std` and
  /// scikit-learn's `StandardScaler`).
  init(_ moments: FeatureMoments) {
    mean = moments.mean.map { Float($0) }
    scale = moments.mean.indices.map { feature in
      let scale = Float(1 / moments.deviation(feature))
      return scale.isFinite ? scale : 1
    }
  }

  /// The standardised `value` of a feature.
  @inline(__always)
  func applied(to value: Float, _ feature: Int) -> Float { (value - mean[feature]) * scale[feature] }

  /// Standardises rows that stand `stride` floats apart.
  public func apply(to values: inout MutableSpan<Float>, rows: Int, stride: Int) {
    for row in 0..<rows {
      for feature in mean.indices {
        values[row * stride + feature] = applied(to: values[row * stride + feature], feature)
      }
    }
  }
}

/// How the features are to be standardised.
public enum Scaling: Equatable, Sendable {
  /// From the training events that are loaded.
  case measured
  /// As for other events.
  case given(Standardization)
}
