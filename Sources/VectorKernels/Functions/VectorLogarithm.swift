/// ln x, off by at most 0.88 ulp over all float32. Zero gives −∞, negative numbers give NaN, NaN stays NaN.
///
/// x = 2^k · (1 + f) with 1 + f within [√½, √2); ln(1 + f) = f + f² p(f), where p is a minimax polynomial of degree
/// 8 with float32 coefficients, off by at most 2^−27.8 of ln(1 + f).
@inline(__always) func naturalLogarithm(_ x: Lanes) -> Lanes {
  let isSubnormal = x .< Lanes(repeating: 0x1p-126)
  let normal = select(isSubnormal, x * Lanes(repeating: 0x1p23), x)
  let k = (normal.words &- Words(repeating: 0x3f35_04f3)) &>> 23  // the bits of √½
  let f = Lanes(words: normal.words &- (k &<< 23)) - 1
  // k as a float: 1.5 · 2²³ + k has k in its low bits. The power of two above comes off in the same step.
  let shift = Lanes(repeating: 0x1.8p23)
  let exponent = Lanes(words: k &+ shift.words) - select(isSubnormal, Lanes(repeating: 0x1.8p23 + 23), shift)
  var p = Lanes(repeating: -0x1.37a09ap-4)
  p = Lanes(repeating: 0x1.082f58p-3).addingProduct(p, f)
  p = Lanes(repeating: -0x1.0f46b4p-3).addingProduct(p, f)
  p = Lanes(repeating: 0x1.22752ep-3).addingProduct(p, f)
  p = Lanes(repeating: -0x1.5425f0p-3).addingProduct(p, f)
  p = Lanes(repeating: 0x1.99a3d8p-3).addingProduct(p, f)
  p = Lanes(repeating: -0x1.000430p-2).addingProduct(p, f)
  p = Lanes(repeating: 0x1.555550p-2).addingProduct(p, f)
  p = Lanes(repeating: -0x1.fffff8p-2).addingProduct(p, f)
  // ln 2 as a float of 15 bits, whose product with k is exact, and the rest; `lost` is the rounding error of the sum.
  let whole = exponent * Lanes(repeating: 0x1.62e4p-1)
  let sum = whole + f
  let lost = f - (sum - whole)
  let tail = lost.addingProduct(exponent, Lanes(repeating: 0x1.7f7d1cp-20)).addingProduct(p, f * f)
  // Infinity and NaN are their own logarithm.
  let positive = select(x .< Lanes(repeating: .infinity), sum + tail, x)
  let defined = select(x .< 0, Lanes(repeating: .nan), positive)
  return select(x .== 0, Lanes(repeating: -.infinity), defined)
}
