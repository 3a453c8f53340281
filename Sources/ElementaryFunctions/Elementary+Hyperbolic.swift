import Numerics

extension Elementary {
  /// sinh x, off by less than 1 ulp, also near 0. −0 stays −0, NaN stays NaN; beyond 710.47 it is ±∞.
  public static func hyperbolicSine(_ x: Double) -> Double { sinh(x) }

  /// values[i] ← sinh values[i], with the bits of the function of one number.
  public static func hyperbolicSine(_ values: inout MutableSpan<Double>) { transform(&values) { sinh($0) } }

  /// cosh x, off by less than 1 ulp. NaN stays NaN; beyond 710.47 it is +∞.
  public static func hyperbolicCosine(_ x: Double) -> Double { cosh(x) }

  /// values[i] ← cosh values[i], with the bits of the function of one number.
  public static func hyperbolicCosine(_ values: inout MutableSpan<Double>) { transform(&values) { cosh($0) } }

  /// tanh x, off by less than 1 ulp, also near 0. −0 stays −0, NaN stays NaN.
  ///
  /// It is the quotient of sinh and cosh, each as the sum of two doubles.
  public static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }

  /// values[i] ← tanh values[i], with the bits of the function of one number.
  public static func hyperbolicTangent(_ values: inout MutableSpan<Double>) { transform(&values) { tanh($0) } }
}

/// sinh |x| and cosh |x| as 2ᵏ · (high + low), where |low| may be up to an eighth of high; |x| ≤ 1,000.
///
/// |x| = k · ln 2 + r with |r| ≤ ln 2 / 2. With a = ½ + ½ · 2⁻²ᵏ and b = ½ − ½ · 2⁻²ᵏ,
///
///     sinh |x| = 2ᵏ · (a · sinh r + b · cosh r)
///     cosh |x| = 2ᵏ · (a · cosh r + b · sinh r)
///
/// For k = 0, b is 0 and r is |x|: near 0 nothing cancels. The series of sinh r and cosh r are taken up to r¹³ / 13! and
/// r¹⁴ / 14! and leave out less than 2⁻⁶¹. The products of b and a with r are added to the largest terms with all errors.
private struct HyperbolicParts {
  let k: Double
  private let r: Double
  private let lost: Double
  /// sinh r − r.
  private let sineRest: Double
  /// cosh r − 1.
  private let cosineRest: Double
  private let a: (high: Double, low: Double)
  private let b: (high: Double, low: Double)

  @inline(__always)
  init(magnitude: Double) {
    let reduced = ReducedExponent(magnitude)
    (k, r, lost) = (reduced.k, reduced.r, reduced.lost)
    let square = r * r
    var series = 1.0 / 6_227_020_800
    series = (1.0 / 39_916_800).addingProduct(series, square)
    series = (1.0 / 362_880).addingProduct(series, square)
    series = (1.0 / 5040).addingProduct(series, square)
    series = (1.0 / 120).addingProduct(series, square)
    series = (1.0 / 6).addingProduct(series, square)
    sineRest = series * (square * r)
    series = 1.0 / 87_178_291_200
    series = (1.0 / 479_001_600).addingProduct(series, square)
    series = (1.0 / 3_628_800).addingProduct(series, square)
    series = (1.0 / 40320).addingProduct(series, square)
    series = (1.0 / 720).addingProduct(series, square)
    series = (1.0 / 24).addingProduct(series, square)
    series = 0.5.addingProduct(series, square)
    cosineRest = series * square
    // From k = 64 on, 2⁻²ᵏ does not count.
    let limited = k < 64 ? k : 64
    let inverse = powerOfTwo(-1 - 2 * limited)
    a = sumWithError(larger: 0.5, inverse)
    b = sumWithError(larger: 0.5, -inverse)
  }

  @inline(__always)
  var sine: (high: Double, low: Double) {
    let product = productWithError(a.high, r)
    let sum = sumWithError(larger: b.high, product.high)
    let small = b.low.addingProduct(a.low, r).addingProduct(lost, a.high.addingProduct(b.high, r))
    let main = (b.high * cosineRest).addingProduct(a.high, sineRest)
    return (sum.high, ((sum.low + product.low) + small) + main)
  }

  @inline(__always)
  var cosine: (high: Double, low: Double) {
    let product = productWithError(b.high, r)
    let sum = sumWithError(larger: a.high, product.high)
    let small = a.low.addingProduct(b.low, r).addingProduct(lost, b.high.addingProduct(a.high, r))
    let main = (b.high * sineRest).addingProduct(a.high, cosineRest)
    return (sum.high, ((sum.low + product.low) + small) + main)
  }
}

@inline(__always)
private func sinh(_ x: Double) -> Double {
  // Beyond 711 sinh is infinite all the same. A comparison with NaN is false: it passes.
  let parts = HyperbolicParts(magnitude: x.magnitude > 711 ? 711 : x.magnitude)
  let sine = parts.sine
  let value = scaled(sine.high + sine.low, byPowerOfTwo: parts.k)
  return x.isNaN ? x : Double(signOf: x, magnitudeOf: value)
}

@inline(__always)
private func cosh(_ x: Double) -> Double {
  let parts = HyperbolicParts(magnitude: x.magnitude > 711 ? 711 : x.magnitude)
  let cosine = parts.cosine
  let value = scaled(cosine.high + cosine.low, byPowerOfTwo: parts.k)
  return x.isNaN ? x : value
}

@inline(__always)
private func tanh(_ x: Double) -> Double {
  // Beyond 22 the result is 1.
  let parts = HyperbolicParts(magnitude: x.magnitude > 22 ? 22 : x.magnitude)
  let value = quotientWithError(parts.sine, parts.cosine)
  return x.isNaN ? x : Double(signOf: x, magnitudeOf: value.high + value.low)
}
