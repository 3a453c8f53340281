import Machine

/// An integer cut into parts that float32 adds exactly, so that exact counts can ride in a sum of float32 values.
///
/// Part k counts units of 2^(12k) and lies within ±2¹¹, so the sums of up to 2¹³ ranks' parts are integers within 2²⁴. Five
/// parts span what a double holds as an integer, 2⁵³.
enum PackedInteger {
  static let parts = 5
  /// How many can be added.
  static let mostTerms = 1 << 13

  /// Writes the parts of an integer within ±2⁵³ to `parts`.
  static func split(_ value: Double, into parts: UnsafeMutablePointer<Float>) {
    var rest = value
    for part in 0..<self.parts {
      // Rounds to a multiple of 2¹²; after this much division no integer is too large for that.
      let higher = (rest * 0x1p-12 + 0x1.8p52) - 0x1.8p52
      unsafe parts[part] = Float(rest - higher * 0x1p12)  // The caller owns so many parts.
      rest = higher
    }
  }

  /// The integer that the parts, or sums of them, stand for.
  static func joined(_ parts: UnsafePointer<Float>) -> Double {
    var value = 0.0
    for part in (0..<self.parts).reversed() { unsafe value = value * 0x1p12 + Double(parts[part]) }
    return value
  }
}

extension StepSums {
  /// The ranks whose statistics add exactly in float32.
  public static var mostFloat32Ranks: Int { PackedInteger.mostTerms }

  /// Lets `body` add other ranks' sums, for ``Reduction/float32``: the gradient, then the statistics in parts that add
  /// exactly, so that one collective carries both. Up to ``mostFloat32Ranks``.
  ///
  /// A second collective for the statistics alone would cost its latency again; to cut and join them takes less.
  public mutating func withFloats<Failure: Error>(
    _ body: (inout MutableSpan<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(reduction == .float32, "exact sums are doubles")
    // Both buffers were sized for these lanes.
    let statistics = unsafe values.pointer
    let packed = unsafe floats.pointer + floatGradientCount
    for lane in 0..<Lane.census {
      unsafe PackedInteger.split(statistics[lane], into: packed + lane * PackedInteger.parts)
    }
    try floats.withMutableSpan(body)
    for lane in 0..<Lane.census {
      unsafe statistics[lane] = PackedInteger.joined(packed + lane * PackedInteger.parts)
    }
  }

  /// The summed gradient in natural units, for ``Reduction/float32``, in the layout of the parameters.
  public var floatGradient: [Float] { Array(floats.array.prefix(floatGradientCount)) }
}
