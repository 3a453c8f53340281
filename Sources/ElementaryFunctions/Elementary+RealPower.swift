import Numerics

extension Elementary {
  /// base^exponent, off by less than 1 ulp, subnormal results included.
  ///
  /// Special arguments are those of IEEE 754 `pow` and C's `pow`: 1 for the exponent ±0 and for the base 1, whatever the other
  /// is, NaN too; −1 to the power ±∞ is 1; a negative base has a power for integer exponents only, whose parity gives
  /// the sign, also that of zeros and infinities.
  ///
  /// It is e^(exponent · ln |base|), where the logarithm is the sum of two doubles, off by less than 2⁻⁶⁷ of its value.
  public static func power(_ base: Double, _ exponent: Double) -> Double {
    if exponent == 0 || base == 1 { return 1 }
    if base.isNaN || exponent.isNaN { return .nan }
    let parity = Parity(exponent)
    if base == 0 || base.isInfinite {
      let magnitude: Double = (base == 0) == (exponent > 0) ? 0 : .infinity
      return parity == .odd && base.sign == .minus ? -magnitude : magnitude
    }
    if exponent.isInfinite {
      if base == -1 { return 1 }
      return (base.magnitude > 1) == (exponent > 0) ? .infinity : 0
    }
    if base < 0 && parity == .none { return .nan }
    let magnitude = powerOfE(exponent, times: doubledLogarithm(base.magnitude))
    return parity == .odd && base < 0 ? -magnitude : magnitude
  }
}

private enum Parity {
  case odd, even, none

  /// Doubles from 2⁵³ on, and infinities, are even.
  init(_ x: Double) {
    guard x.magnitude < 0x1p53 else {
      self = .even
      return
    }
    let whole = Int64(x)
    self = Double(whole) != x ? .none : (whole & 1 == 1 ? .odd : .even)
  }
}

/// ln x for a positive, finite x as the sum of two doubles, off by less than 2⁻⁶⁷ of its value.
///
/// With x = 2ᵏ · (1 + f) and s = f / (2 + f) it is k · ln 2 + 2 s · (1 + s²/3 + s⁴/5 + s⁶ · (…)), where all but the terms from
/// 1/7 to s¹⁸/25 are sums of two doubles; the series leaves out less than 2⁻⁷⁰.
func doubledLogarithm(_ x: Double) -> (high: Double, low: Double) {
  let parts = LogarithmParts(x)
  let s = quotientWithError((parts.f, 0), sumWithError(larger: 2, parts.f))
  let square = product(s, s)
  let w = square.high
  var series = 1.0 / 25
  series = (1.0 / 23).addingProduct(series, w)
  series = (1.0 / 21).addingProduct(series, w)
  series = (1.0 / 19).addingProduct(series, w)
  series = (1.0 / 17).addingProduct(series, w)
  series = (1.0 / 15).addingProduct(series, w)
  series = (1.0 / 13).addingProduct(series, w)
  series = (1.0 / 11).addingProduct(series, w)
  series = (1.0 / 9).addingProduct(series, w)
  series = (1.0 / 7).addingProduct(series, w)
  let fifth = sumWithError(larger: 0.2, w * series)
  let inner = product(square, (fifth.high, fifth.low - 0x1.999999999999ap-57))
  let third = sumWithError(larger: 1.0 / 3, inner.high)
  let outer = product(square, (third.high, third.low + (inner.low + 0x1.5555555555555p-56)))
  let correction = product(s, outer)
  let half = sumWithError(larger: s.high, correction.high)
  let halfLow = half.low + (correction.low + s.low)
  // ln 2 as a double of 33 bits, whose product with k is exact, and the rest.
  let sum = sumWithError(larger: parts.k * 0x1.62e42fefp-1, 2 * half.high)
  return sumWithError(
    larger: sum.high, sum.low + (2 * halfLow).addingProduct(parts.k, 0x1.473de6af278edp-34))
}

/// e^(factor · x).
private func powerOfE(_ factor: Double, times x: (high: Double, low: Double)) -> Double {
  let high = factor * x.high
  // Beyond the largest number and below half of the smallest one.
  if high > 710 { return .infinity }
  if high < -746 { return 0 }
  let low = (-high).addingProduct(factor, x.high).addingProduct(factor, x.low)
  let coarse = ReducedExponent(high)
  let fine = sumWithError(larger: coarse.r, coarse.lost + low)
  let reduced = ReducedExponent(k: coarse.k, r: fine.high, lost: fine.low)
  let sum = sumWithError(larger: 1, reduced.r)
  // d eʳ = (1 + r + …) · dr.
  let rest = sum.low.addingProduct(reduced.lost, 1 + reduced.r).addingProduct(reduced.series, reduced.r * reduced.r)
  return scaled(sum.high + rest, byPowerOfTwo: reduced.k)
}
