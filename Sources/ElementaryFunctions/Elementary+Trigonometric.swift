import Numerics

extension Elementary {
  /// sin x for |x| ≤ 2²⁰, x in radians, off by less than 1 ulp. Beyond, and for NaN, the answer is NaN.
  public static func sine(_ x: Double) -> Double {
    // Zero is its own sine, sign included.
    if x == 0 { return x }
    guard let angle = ReducedAngle(x) else { return .nan }
    let magnitude = angle.quadrant & 1 == 0 ? angle.sine : angle.cosine
    return angle.quadrant & 2 == 0 ? magnitude : -magnitude
  }

  /// cos x for |x| ≤ 2²⁰, x in radians, off by less than 1 ulp. Beyond, and for NaN, the answer is NaN.
  public static func cosine(_ x: Double) -> Double {
    guard let angle = ReducedAngle(x) else { return .nan }
    let magnitude = angle.quadrant & 1 == 0 ? angle.cosine : angle.sine
    return (angle.quadrant &+ 1) & 2 == 0 ? magnitude : -magnitude
  }

  /// x = quadrant · π/2 + head + tail with |head| ≤ π/4 (and a rounding error more).
  ///
  /// The series end where what they leave out is below 2⁻⁵⁸ of the sum; they are added up in the order of fdlibm's
  /// `k_sin.c` and `k_cos.c`, small terms first.
  private struct ReducedAngle {
    let quadrant: Int
    let head: Double
    let tail: Double

    init?(_ x: Double) {
      guard x.magnitude <= 0x1p20 else { return nil }
      let n = nearestInteger(x * 0x1.45f306dc9c883p-1)  // 2/π
      quadrant = Int(n)
      // π/2 as the sum of three doubles. The first difference is exact; the second product and difference are
      // each kept as a double and its rounding error.
      let coarse = x.addingProduct(n, -0x1.921fb54442d18p0)
      let second = n * 0x1.1a62633145c07p-54
      let secondError = (-second).addingProduct(n, 0x1.1a62633145c07p-54)
      head = coarse - second
      let taken = head - coarse
      let headError = (coarse - (head - taken)) - (second + taken)
      tail = (headError - secondError).addingProduct(n, 0x1.f1976b7ed8fbcp-110)
    }

    /// sin(head + tail).
    var sine: Double {
      let square = head * head
      let cube = square * head
      var series = 1.0 / 355_687_428_096_000
      series = (-1.0 / 1_307_674_368_000).addingProduct(series, square)
      series = (1.0 / 6_227_020_800).addingProduct(series, square)
      series = (-1.0 / 39_916_800).addingProduct(series, square)
      series = (1.0 / 362_880).addingProduct(series, square)
      series = (-1.0 / 5040).addingProduct(series, square)
      series = (1.0 / 120).addingProduct(series, square)
      let inner = square * (0.5 * tail - cube * series) - tail
      return head - (inner.addingProduct(cube, 1.0 / 6))
    }

    /// cos(head + tail).
    var cosine: Double {
      let square = head * head
      var series = 1.0 / 20_922_789_888_000
      series = (-1.0 / 87_178_291_200).addingProduct(series, square)
      series = (1.0 / 479_001_600).addingProduct(series, square)
      series = (-1.0 / 3_628_800).addingProduct(series, square)
      series = (1.0 / 40320).addingProduct(series, square)
      series = (-1.0 / 720).addingProduct(series, square)
      series = (1.0 / 24).addingProduct(series, square)
      let halfSquare = 0.5 * square
      let leading = 1 - halfSquare
      let lost = (1 - leading) - halfSquare
      return leading + (lost.addingProduct(-head, tail)).addingProduct(square * square, series)
    }
  }
}
