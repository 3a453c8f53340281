// Activations that are neither a comparison nor a sigmoid: silu, gelu, elu. Each has its slope beside it, as the two share
// most of their work. Errors are measured over all float32.

/// x · σ(x), off by at most 2.54 ulp over all float32, gradual underflow included; −∞ gives 0. NaN stays NaN.
@inline(__always) func sigmoidLinear(_ x: Lanes) -> Lanes { sigmoidLinearParts(x).value }

/// The value of `sigmoidLinear` and its slope σ(x) · (1 + x · (1 − σ(x))), off by at most 2.4e-7.
@inline(__always) func sigmoidLinearWithSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
  let (value, magnitude, sigmoid, rest) = sigmoidLinearParts(x)
  return (value, sigmoid * Lanes(repeating: 1).addingProduct(magnitude.withSigns(of: x), rest))
}

/// The value, |x| up to where the result is 0 for negative x, σ(x) and 1 − σ(x).
@inline(__always)
private func sigmoidLinearParts(_ x: Lanes) -> (value: Lanes, magnitude: Lanes, sigmoid: Lanes, rest: Lanes) {
  let limit = Lanes(repeating: 110)
  let magnitude = select(x.magnitudes .> limit, limit, x.magnitudes)
  let (mantissa, exponent) = exponentialParts(-magnitude, bias: 254)
  let decay = scaled(mantissa, byPower: exponent)
  let one = Lanes(repeating: 1)
  let isNegative = x .< 0
  let quotient = select(isNegative, decay, one) / (one + decay)
  // For negative x, |x| · d / (1 + d) = |x| · d · (1 − d / (1 + d)): scaled at the end, as |x| would magnify the error of a
  // subnormal d.
  let product = magnitude * mantissa
  let small = scaled(product.addingProduct(-product, quotient), byPower: exponent)
  let sigmoid = select(isNegative, decay.addingProduct(-decay, quotient), quotient)
  // For positive x the difference from 1 would be rounded to a multiple of 2⁻²⁴, which x magnifies.
  return (
    select(isNegative, -small, x * quotient), magnitude, sigmoid, select(isNegative, one - sigmoid, decay * quotient)
  )
}

/// x · Φ(x) with the normal distribution Φ, off by at most 4.6 ulp over all float32, gradual underflow included; −∞ gives 0. NaN
/// stays NaN.
@inline(__always) func normalLinear(_ x: Lanes) -> Lanes { normalLinearParts(x).value }

/// The value of `normalLinear` and its slope Φ(x) + x · φ(x), with the normal density φ, off by at most 1.8e-7.
@inline(__always) func normalLinearWithSlope(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
  let (value, magnitude, distribution, power) = normalLinearParts(x)
  let density = power * Lanes(repeating: 0x1.988454p-2)  // 1 / √2π
  return (value, distribution.addingProduct(magnitude.withSigns(of: x), density))
}

/// The value, |x| up to where the result is 0 for negative x, Φ(x) and e^(−x²/2).
///
/// With a = |x|, Φ(−a) = e^(−a²/2) · M(a). M(a) · (a + 4) is a polynomial of degree 9 in a / (a + 4) − 7/16 with float32
/// coefficients, off by at most 2^−26.5 of it up to a = 14.8.
@inline(__always)
private func normalLinearParts(
  _ x: Lanes
) -> (value: Lanes, magnitude: Lanes, distribution: Lanes, power: Lanes) {
  let limit = Lanes(repeating: 14.8)
  let a = select(x.magnitudes .> limit, limit, x.magnitudes)
  let reciprocal = 1 / (a + 4)
  let place = Lanes(repeating: -0.4375).addingProduct(a, reciprocal)
  var m = Lanes(repeating: -0x1.1d8846p-4)
  m = Lanes(repeating: 0x1.568ec6p-4).addingProduct(m, place)
  m = Lanes(repeating: 0x1.5ab7e8p-3).addingProduct(m, place)
  m = Lanes(repeating: -0x1.399910p-2).addingProduct(m, place)
  m = Lanes(repeating: -0x1.208b32p-3).addingProduct(m, place)
  m = Lanes(repeating: 0x1.06e176p+0).addingProduct(m, place)
  m = Lanes(repeating: -0x1.bdf3cap+0).addingProduct(m, place)
  m = Lanes(repeating: 0x1.d9fd02p+0).addingProduct(m, place)
  m = Lanes(repeating: -0x1.6d84e6p+0).addingProduct(m, place)
  m = Lanes(repeating: 0x1.ace714p-1).addingProduct(m, place)
  m = m * reciprocal
  // The rounding error of a² would be magnified by up to 110: e^(−(s + l)/2) = e^(−s/2) · (1 − l/2) for the small l.
  let square = a * a
  let lost = (-square).addingProduct(a, a)
  let (mantissa, exponent) = exponentialParts(Lanes(repeating: -0.5) * square, bias: 254)
  let power = scaled(mantissa.addingProduct(mantissa * Lanes(repeating: -0.5), lost), byPower: exponent)
  let tail = m * power
  let isNegative = x .< 0
  let distribution = select(isNegative, tail, 1 - tail)
  // For negative x, a · M(a) is below ½: it does not magnify the error of a subnormal power.
  return (select(isNegative, -(a * m * power), x * distribution), a, distribution, power)
}

/// x for x > 0, else e^x − 1, off by at most 0.93 ulp over all float32; −0 gives 0. NaN stays NaN.
@inline(__always) func exponentialLinear(_ x: Lanes) -> Lanes {
  // From −20 down the result is −1.
  let limit = Lanes(repeating: -20)
  let (tail, exponent) = exponentialTail(select(x .< limit, limit, x), bias: 127)
  // (1 + tail) · 2^n − 1 without losing a small tail at n = 0.
  let power = Lanes(words: exponent &<< 23)
  return select(x .> 0, x, (power - 1).addingProduct(tail, power))
}
