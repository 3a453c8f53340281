internal import KernelBasics

extension Elementary {
  /// eˣ, off by less than 1 ulp. Overflow gives infinity, underflow is gradual, NaN stays NaN.
  ///
  /// x = n · ln 2 + r with |r| ≤ ln 2 / 2; eʳ is its Taylor series up to r¹³ / 13!, which leaves out less than 2⁻⁵⁷.
  public static func exponential(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 710 { return .infinity }
    if x < -746 { return 0 }
    let n = nearestInteger(x * 0x1.71547652b82fep0)
    // ln 2 as the sum of two doubles. The first difference is exact; `rest` is what rounding takes from the second.
    let coarse = x.addingProduct(n, -0x1.62e42fefa39efp-1)
    let r = coarse.addingProduct(n, -0x1.abc9e3b39803fp-56)
    let rest = (coarse - r).addingProduct(n, -0x1.abc9e3b39803fp-56)
    var series = 1.0 / 6_227_020_800
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
    let power = 1 + (r + rest.addingProduct(series, r * r))
    // Two factors, for 2ⁿ may be no double where the result is: the first product is exact, the second rounds once.
    let half = Int(n) >> 1
    return power * powerOfTwo(half) * powerOfTwo(Int(n) - half)
  }
}
