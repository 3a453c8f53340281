/// tanh x, off by at most 1.07 ulp over all float32. −0 stays −0, NaN stays NaN.
@inline(__always) func hyperbolicTangent(_ x: Lanes) -> Lanes {
  let magnitude = x.magnitudes
  // Below 0.7: x + x³ t(x²), where t is a minimax polynomial with float32 coefficients, off by at most 2^−25.9
  // of tanh x.
  let square = x * x
  var t = Lanes(repeating: -0x1.50e2c8p-8)
  t = Lanes(repeating: 0x1.4939ccp-6).addingProduct(t, square)
  t = Lanes(repeating: -0x1.b6c364p-5).addingProduct(t, square)
  t = Lanes(repeating: 0x1.10fb0ap-3).addingProduct(t, square)
  t = Lanes(repeating: -0x1.5554f6p-2).addingProduct(t, square)
  let near = magnitude.addingProduct(t * square, magnitude)
  // From there: 1 − 2 / (e^2|x| + 1), which is 1 long before 10.
  let limit = Lanes(repeating: 10)
  let bounded = select(magnitude .> limit, limit, magnitude)
  let (mantissa, exponent) = exponentialParts(bounded + bounded, bias: 127)
  let one = Lanes(repeating: 1)
  let far = one - 2 / one.addingProduct(mantissa, Lanes(words: exponent &<< 23))
  return select(magnitude .< Lanes(repeating: 0.7), near, far).withSigns(of: x)
}

/// 1 / (1 + e^−x), off by at most 1.66 ulp over all float32, gradual underflow included. NaN stays NaN.
@inline(__always) func logisticSigmoid(_ x: Lanes) -> Lanes {
  // e^−|x| cannot overflow.
  let decay = exponential(-x.magnitudes)
  let one = Lanes(repeating: 1)
  let isNegative = x .< 0
  let quotient = select(isNegative, decay, one) / (one + decay)
  // For negative x, d / (1 + d) = d − d · d / (1 + d) is a small step from d: the rounding of 1 + d hardly counts.
  return select(isNegative, decay.addingProduct(-decay, quotient), quotient)
}
