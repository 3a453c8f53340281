import Numerics

extension Elementary {
  /// sin x for |x| ≤ 2²⁰, x in radians, off by less than 1 ulp. Beyond, and for NaN, the answer is NaN.
  public static func sine(_ x: Double) -> Double { sin(x) }

  /// values[i] ← sin values[i], with the bits of the function of one number.
  public static func sine(_ values: inout MutableSpan<Double>) { transform(&values) { sin($0) } }

  /// cos x for |x| ≤ 2²⁰, x in radians, off by less than 1 ulp. Beyond, and for NaN, the answer is NaN.
  public static func cosine(_ x: Double) -> Double { cos(x) }

  /// values[i] ← cos values[i], with the bits of the function of one number.
  public static func cosine(_ values: inout MutableSpan<Double>) { transform(&values) { cos($0) } }

  /// sin x and cos x with the bits of `sine` and `cosine`, in little more than the time of one of them.
  public static func sineAndCosine(_ x: Double) -> (sine: Double, cosine: Double) {
    let angle = ReducedAngle(x)
    return (angle.sine(of: x), angle.cosine(of: x))
  }

  /// cosines[i] ← cos values[i] and then values[i] ← sin values[i], with the bits of the functions of one number.
  ///
  /// `cosines` has as many elements as `values`.
  public static func sineAndCosine(_ values: inout MutableSpan<Double>, cosines: inout MutableSpan<Double>) {
    precondition(values.count == cosines.count, "as many cosines as angles")
    for i in values.indices {
      let x = values[i]
      let angle = ReducedAngle(x)
      values[i] = angle.sine(of: x)
      cosines[i] = angle.cosine(of: x)
    }
  }

  /// tan x for |x| ≤ 2²⁰, x in radians, off by less than 1 ulp. −0 stays −0. Beyond, and for NaN, the answer is NaN.
  ///
  /// It is the quotient of sine and cosine, each as the sum of two doubles.
  public static func tangent(_ x: Double) -> Double { tan(x) }

  /// values[i] ← tan values[i], with the bits of the function of one number.
  public static func tangent(_ values: inout MutableSpan<Double>) { transform(&values) { tan($0) } }
}

@inline(__always)
private func sin(_ x: Double) -> Double { ReducedAngle(x).sine(of: x) }

@inline(__always)
private func cos(_ x: Double) -> Double { ReducedAngle(x).cosine(of: x) }

@inline(__always)
private func tan(_ x: Double) -> Double {
  let angle = ReducedAngle(x)
  let (sine, cosine) = (angle.sine, angle.cosine)
  let isOdd = angle.quadrant & 1 != 0
  let numerator = isOdd ? (-cosine.high, -cosine.low) : sine
  let denominator = isOdd ? sine : cosine
  let value = quotientWithError(numerator, denominator)
  let inside = x.magnitude <= 0x1p20 ? value.high + value.low : .nan
  return x == 0 ? x : inside
}

/// x = quadrant · π/2 + head + tail with |head| ≤ π/4 (and a rounding error more), for |x| ≤ 2²⁰. Only the last two bits of
/// `quadrant` mean anything.
///
/// The series end where what they leave out is below 2⁻⁵⁸ of the sum; they are added up in the order of fdlibm's
/// `k_sin.c` and `k_cos.c`, small terms first.
private struct ReducedAngle {
  let quadrant: UInt64
  let head: Double
  let tail: Double

  @inline(__always)
  init(_ x: Double) {
    // As `nearestInteger`: the sum has the integer in its low bits.
    let shifted = x * 0x1.45f306dc9c883p-1 + 0x1.8p52  // 2/π
    let n = shifted - 0x1.8p52
    quadrant = shifted.bitPattern
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

  /// sin x, where this is the reduced x.
  @inline(__always)
  func sine(of x: Double) -> Double {
    let (sine, cosine) = (self.sine, self.cosine)
    let magnitude = quadrant & 1 == 0 ? sine.high + sine.low : cosine.high + cosine.low
    let value = Double(bitPattern: magnitude.bitPattern ^ ((quadrant & 2) &<< 62))
    let inside = x.magnitude <= 0x1p20 ? value : .nan
    // Zero is its own sine, sign included.
    return x == 0 ? x : inside
  }

  /// cos x, where this is the reduced x.
  @inline(__always)
  func cosine(of x: Double) -> Double {
    let (sine, cosine) = (self.sine, self.cosine)
    let magnitude = quadrant & 1 == 0 ? cosine.high + cosine.low : sine.high + sine.low
    let value = Double(bitPattern: magnitude.bitPattern ^ (((quadrant &+ 1) & 2) &<< 62))
    return x.magnitude <= 0x1p20 ? value : .nan
  }

  /// sin(head + tail).
  @inline(__always)
  var sine: (high: Double, low: Double) {
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
    return (head, -(inner.addingProduct(cube, 1.0 / 6)))
  }

  /// cos(head + tail).
  @inline(__always)
  var cosine: (high: Double, low: Double) {
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
    return (leading, (lost.addingProduct(-head, tail)).addingProduct(square * square, series))
  }
}
