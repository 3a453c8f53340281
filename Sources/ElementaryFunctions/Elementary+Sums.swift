// Sums and products of two doubles with the errors of their rounding: the exact value is the sum of the two results.

/// a + b (D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2).
@inline(__always)
func sumWithError(_ a: Double, _ b: Double) -> (high: Double, low: Double) {
  let high = a + b
  let part = high - a
  return (high, (a - (high - part)) + (b - part))
}

/// a + b, where |a| ≥ |b| or a = 0 (T. J. Dekker, Numerische Mathematik 18, 224).
@inline(__always)
func sumWithError(larger a: Double, _ b: Double) -> (high: Double, low: Double) {
  let high = a + b
  return (high, (a - high) + b)
}

/// a · b, where the product is not so small that its error is subnormal.
@inline(__always)
func productWithError(_ a: Double, _ b: Double) -> (high: Double, low: Double) {
  let high = a * b
  return (high, (-high).addingProduct(a, b))
}

/// (a.high + a.low) / (b.high + b.low) for |a.low| < |a.high| / 2 and |b.low| < |b.high| / 2, where the low parts may well be more
/// than rounding errors.
///
/// The reciprocal takes the only division; the remainder of the first product with it corrects what it lacks.
@inline(__always)
func quotientWithError(_ a: (high: Double, low: Double), _ b: (high: Double, low: Double)) -> (
  high: Double, low: Double
) {
  let (numerator, numeratorRest) = sumWithError(larger: a.high, a.low)
  let (denominator, denominatorRest) = sumWithError(larger: b.high, b.low)
  let reciprocal = 1 / denominator
  let quotient = numerator * reciprocal
  let rest = numerator.addingProduct(-quotient, denominator) + numeratorRest.addingProduct(-quotient, denominatorRest)
  return (quotient, rest * reciprocal)
}

/// a · b of sums of two doubles, off by some 2⁻¹⁰⁴ of its value.
@inline(__always)
func product(_ a: (high: Double, low: Double), _ b: (high: Double, low: Double)) -> (high: Double, low: Double) {
  let leading = productWithError(a.high, b.high)
  return sumWithError(larger: leading.high, leading.low.addingProduct(a.high, b.low).addingProduct(a.low, b.high))
}
