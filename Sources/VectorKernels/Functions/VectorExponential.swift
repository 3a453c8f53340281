/// e^x as (1 + `tail`) · 2^n for |x| ≤ 110, with 1 + `tail` within [0.70, 1.42]; a NaN gives a NaN tail. The low
/// nine bits of `exponent` are those of n + `bias`: shifted left by 23 they are a float's exponent field.
///
/// x = n · ln 2 + r with |r| ≤ ln 2 / 2; e^r = 1 + r + r² q(r), where q is a minimax polynomial of degree 4
/// with float32 coefficients, off by at most 2^−28.1 in e^r.
@inline(__always) func exponentialTail(_ x: Lanes, bias: Float) -> (tail: Lanes, exponent: Words) {
  // Adding 1.5 · 2²³ rounds to an integer, which is then found in the low bits of the sum.
  let shift = Lanes(repeating: 0x1.8p23 + bias)
  let shifted = shift.addingProduct(x, Lanes(repeating: 0x1.715476p0))  // 1 / ln 2
  let n = shifted - shift
  // ln 2 as the sum of two floats; the first difference is exact.
  let coarse = x.addingProduct(n, Lanes(repeating: -0x1.62e430p-1))
  let r = coarse.addingProduct(n, Lanes(repeating: 0x1.05c610p-29))
  var q = Lanes(repeating: 0x1.6d5d32p-10)
  q = Lanes(repeating: 0x1.123c20p-7).addingProduct(q, r)
  q = Lanes(repeating: 0x1.5554dap-5).addingProduct(q, r)
  q = Lanes(repeating: 0x1.55548ep-3).addingProduct(q, r)
  q = Lanes(repeating: 0.5).addingProduct(q, r)
  return (r.addingProduct(q, r * r), shifted.words)
}

/// e^x as `mantissa` · 2^n, with `mantissa` within [0.70, 1.42]; see `exponentialTail`.
@inline(__always) func exponentialParts(_ x: Lanes, bias: Float) -> (mantissa: Lanes, exponent: Words) {
  let (tail, exponent) = exponentialTail(x, bias: bias)
  return (1 + tail, exponent)
}

/// value · 2^n, where `exponent` is n + 254 and n ≥ −160: rounds once, at the end, and underflow is gradual.
///
/// Two factors, for 2^n may be no float32 where the result is: the first product is exact.
@inline(__always) func scaled(_ value: Lanes, byPower exponent: Words) -> Lanes {
  let half = exponent &>> 1
  return value * Lanes(words: half &<< 23) * Lanes(words: (exponent &- half) &<< 23)
}

/// e^x, off by at most 1.03 ulp over all float32. Overflow gives infinity, underflow is gradual, NaN stays NaN.
@inline(__always) func exponential(_ x: Lanes) -> Lanes {
  // Beyond these limits the result is zero or infinity. A comparison with NaN is false: it passes.
  let low = Lanes(repeating: -104)
  let high = Lanes(repeating: 89)
  let raised = select(x .< low, low, x)
  let bounded = select(raised .> high, high, raised)
  let (mantissa, exponent) = exponentialParts(bounded, bias: 254)
  return scaled(mantissa, byPower: exponent)
}
