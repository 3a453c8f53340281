import Numerics

extension Elementary {
  /// eˣ, off by less than 1 ulp wherever the result is a normal number. Beyond that range it is +∞ or 0; NaN stays NaN.
  ///
  /// x = k · ln 2 + r with |r| ≤ ln 2 / 2. The series of eʳ is taken up to r¹⁴ / 14! and leaves out less than 2⁻⁶¹; it is
  /// summed as 1 + (r + r² · (…)).
  public static func exponential(_ x: Double) -> Double { powerOfE(x) }

  /// values[i] ← e^values[i], with the bits of the function of one number.
  public static func exponential(_ values: inout MutableSpan<Double>) { transform(&values) { powerOfE($0) } }

  /// eˣ − 1, off by less than 1 ulp, also near 0, where eˣ is near 1. −0 stays −0, NaN stays NaN.
  ///
  /// With x = k · ln 2 + r it is 2ᵏ · ((1 − 2⁻ᵏ) + (eʳ − 1)), in which the first and largest terms are added with the error
  /// of their sum.
  public static func exponentialMinusOne(_ x: Double) -> Double { powerOfEMinusOne(x) }

  /// values[i] ← e^values[i] − 1, with the bits of the function of one number.
  public static func exponentialMinusOne(_ values: inout MutableSpan<Double>) {
    transform(&values) { powerOfEMinusOne($0) }
  }
}

/// x = k · ln 2 + r + lost with |r| ≤ ln 2 / 2 and |x| ≤ 2¹⁰.
///
/// ln 2 is the sum of a double of 33 bits, whose product with k is exact, and the rest.
struct ReducedExponent {
  let k: Double
  let r: Double
  let lost: Double

  @inline(__always)
  init(_ x: Double) {
    k = nearestInteger(x * 0x1.71547652b82fep0)  // 1 / ln 2
    let coarse = x.addingProduct(-k, 0x1.62e42fefp-1)
    r = coarse.addingProduct(-k, 0x1.473de6af278edp-34)
    lost = (coarse - r).addingProduct(-k, 0x1.473de6af278edp-34)
  }

  @inline(__always)
  init(k: Double, r: Double, lost: Double) {
    (self.k, self.r, self.lost) = (k, r, lost)
  }

  /// (eʳ − 1 − r) / r² without what `lost` adds.
  @inline(__always)
  var series: Double {
    var series = 1.0 / 87_178_291_200
    series = (1.0 / 6_227_020_800).addingProduct(series, r)
    series = (1.0 / 479_001_600).addingProduct(series, r)
    series = (1.0 / 39_916_800).addingProduct(series, r)
    series = (1.0 / 3_628_800).addingProduct(series, r)
    series = (1.0 / 362_880).addingProduct(series, r)
    series = (1.0 / 40320).addingProduct(series, r)
    series = (1.0 / 5040).addingProduct(series, r)
    series = (1.0 / 720).addingProduct(series, r)
    series = (1.0 / 120).addingProduct(series, r)
    series = (1.0 / 24).addingProduct(series, r)
    series = (1.0 / 6).addingProduct(series, r)
    return 0.5.addingProduct(series, r)
  }
}

@inline(__always)
private func powerOfE(_ x: Double) -> Double {
  let reduced = ReducedExponent(x)
  let power = 1 + (reduced.r + reduced.lost.addingProduct(reduced.series, reduced.r * reduced.r))
  let value = scaled(power, byPowerOfTwo: reduced.k)
  // Beyond the largest normal number and below the smallest one.
  let notTooLarge = x > 0x1.62e42fefa39efp9 ? .infinity : value
  let normal = x < -0x1.6232bdd7abcd2p9 ? 0 : notTooLarge
  return x.isNaN ? x : normal
}

@inline(__always)
private func powerOfEMinusOne(_ x: Double) -> Double {
  // Beyond these limits the result is −1 and +∞. A comparison with NaN is false: it passes.
  let raised = x < -40 ? -40 : x
  let reduced = ReducedExponent(raised > 710 ? 710 : raised)
  let r = reduced.r
  // 1 − 2⁻ᵏ with its error. From k = 64 on, 2⁻ᵏ does not count.
  let inverse = powerOfTwo(reduced.k > 64 ? -64 : -reduced.k)
  let (whole, wholeError) = sumWithError(1, -inverse)
  // For k = 0 this is r itself; for any other, |whole| ≥ ½ > |r|.
  let high = whole + r
  let error = (whole - high) + r
  let small = (error + wholeError).addingProduct(reduced.lost, 1 + r)
  let value = scaled(high + small.addingProduct(reduced.series, r * r), byPowerOfTwo: reduced.k)
  return x.isNaN || x == 0 ? x : value
}
