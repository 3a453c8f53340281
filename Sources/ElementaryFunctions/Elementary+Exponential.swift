import Numerics

extension Elementary {
  /// eˣ, off by less than 1 ulp wherever the result is a normal number. Beyond that range it is +∞ or 0; NaN stays NaN.
  ///
  /// x = k · ln 2 + r with |r| ≤ ln 2 / 2, where ln 2 is the sum of a double of 33 bits, whose product with k is exact, and
  /// the rest. The series of eʳ is taken up to r¹⁴ / 14! and leaves out less than 2⁻⁶¹; it is summed as 1 + (r + r² · (…)).
  public static func exponential(_ x: Double) -> Double {
    if x.isNaN { return x }
    // Beyond the largest normal number and below the smallest one.
    if x > 0x1.62e42fefa39efp9 { return .infinity }
    if x < -0x1.6232bdd7abcd2p9 { return 0 }
    let k = nearestInteger(x * 0x1.71547652b82fep0)  // 1 / ln 2
    let coarse = x.addingProduct(-k, 0x1.62e42fefp-1)
    let r = coarse.addingProduct(-k, 0x1.473de6af278edp-34)
    let lost = (coarse - r).addingProduct(-k, 0x1.473de6af278edp-34)
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
    series = 0.5.addingProduct(series, r)
    let power = 1 + (r + lost.addingProduct(series, r * r))
    // In two factors: 2ᵏ itself may be too large for a number that eˣ is not.
    let half = Int(k) / 2
    return power * powerOfTwo(half) * powerOfTwo(Int(k) - half)
  }
}
