extension Elementary {
  /// ln x, off by less than 1 ulp. Zero gives −∞, negative numbers give NaN, NaN stays NaN.
  ///
  /// x = 2ᵏ · (1 + f) with 1 + f within [√½, √2). With s = f / (2 + f), ln(1 + f) = 2 artanh s, whose series is taken
  /// up to s²¹ / 21 and leaves out less than 2⁻⁶⁰; it is summed as f − (f²/2 − s · (f²/2 + …)), the form of fdlibm's
  /// `e_log.c`, which adds small terms to the exact f.
  public static func naturalLogarithm(_ x: Double) -> Double { ln(x) }

  /// values[i] ← ln values[i], with the bits of the function of one number.
  public static func naturalLogarithm(_ values: inout MutableSpan<Double>) { transform(&values) { ln($0) } }

  /// ln(1 + x), off by less than 1 ulp, also near 0. −1 gives −∞, numbers below give NaN. −0 stays −0, NaN stays NaN.
  ///
  /// It is the logarithm of the sum of two doubles, 1 + x and the error of this sum.
  public static func logarithmOnePlus(_ x: Double) -> Double { lnOnePlus(x) }

  /// values[i] ← ln(1 + values[i]), with the bits of the function of one number.
  public static func logarithmOnePlus(_ values: inout MutableSpan<Double>) { transform(&values) { lnOnePlus($0) } }

  /// log₁₀ x, off by less than 1 ulp; powers of ten give integers. Zero gives −∞, negative numbers give NaN, NaN stays NaN.
  ///
  /// It is k · log₁₀ 2 + ln(1 + f) / ln 10 with k and f as for `naturalLogarithm`; log₁₀ 2 and 1 / ln 10 are sums of two
  /// doubles each.
  public static func decimalLogarithm(_ x: Double) -> Double { lg(x) }

  /// values[i] ← log₁₀ values[i], with the bits of the function of one number.
  public static func decimalLogarithm(_ values: inout MutableSpan<Double>) { transform(&values) { lg($0) } }
}

/// A positive number as 2ᵏ · (1 + f) with 1 + f within [√½, √2). Zero, negative numbers, infinity and NaN give any numbers.
struct LogarithmParts {
  let k: Double
  let f: Double

  @inline(__always)
  init(_ x: Double) {
    let isSubnormal = x < 0x1p-1022
    let bits = (isSubnormal ? x * 0x1p54 : x).bitPattern
    let rootOfHalf = 0.5.squareRoot().bitPattern
    // k + 1024, which is not negative, as the low bits of a double near 2⁵².
    let exponent = (bits &- (rootOfHalf &- 0x4000_0000_0000_0000)) &>> 52
    f = Double(bitPattern: bits &- ((exponent &- 1024) &<< 52)) - 1
    k =
      Double(bitPattern: exponent | 0x4330_0000_0000_0000)
      - (isSubnormal ? 0x1p52 + (1024 + 54) : 0x1p52 + 1024)
  }

  @inline(__always)
  init(k: Double, f: Double) {
    self.k = k
    self.f = f
  }

  /// ln(1 + f) = f − (half − s · product).
  @inline(__always)
  var terms: (half: Double, s: Double, product: Double) {
    let s = f / (2 + f)
    let square = s * s
    var series = 2.0 / 21
    series = (2.0 / 19).addingProduct(series, square)
    series = (2.0 / 17).addingProduct(series, square)
    series = (2.0 / 15).addingProduct(series, square)
    series = (2.0 / 13).addingProduct(series, square)
    series = (2.0 / 11).addingProduct(series, square)
    series = (2.0 / 9).addingProduct(series, square)
    series = (2.0 / 7).addingProduct(series, square)
    series = (2.0 / 5).addingProduct(series, square)
    series = (2.0 / 3).addingProduct(series, square)
    let halfSquare = 0.5 * f * f
    return (halfSquare, s, halfSquare.addingProduct(series, square))
  }
}

/// `value`, or what a logarithm is of zero, negative numbers, infinity and NaN.
@inline(__always)
private func defined(_ value: Double, asLogarithmOf x: Double) -> Double {
  // Infinity and NaN are their own logarithm.
  let finite = x < .infinity ? value : x
  let positive = x < 0 ? .nan : finite
  return x == 0 ? -.infinity : positive
}

@inline(__always)
private func ln(_ x: Double) -> Double {
  let parts = LogarithmParts(x)
  let (half, s, product) = parts.terms
  // ln 2 as a double of 33 bits, whose product with k is exact, and the rest.
  let tail = (parts.k * 0x1.473de6af278edp-34).addingProduct(s, product)
  return defined((parts.k * 0x1.62e42fefp-1) - ((half - tail) - parts.f), asLogarithmOf: x)
}

/// ln(2ᵏ · (1 + f + low)), where `low` is at most an ulp of f.
@inline(__always)
func logarithm(_ parts: LogarithmParts, low: Double) -> Double {
  let (half, s, product) = parts.terms
  // d ln(1 + f) = (1 − f + …) · df.
  let small = (parts.k * 0x1.473de6af278edp-34).addingProduct(low, 1 - parts.f)
  let sum = sumWithError(larger: parts.k * 0x1.62e42fefp-1, parts.f)
  return sum.high + (sum.low - (half - small.addingProduct(s, product)))
}

/// ln(2ⁿ · (1 + x.high + x.low)) for 1 + x.high > 0, where |x.low| is at most an ulp of x.high, and n is an integer.
///
/// −0 gives +0.
@inline(__always)
func logarithm(ofOnePlus x: (high: Double, low: Double), timesTwoTo n: Double) -> Double {
  let sum = sumWithError(1, x.high)
  let parts = LogarithmParts(sum.high)
  // The rest of the sum, divided by 2ᵏ: for k = 0 it gives back to f what x had below the last bit of 1. Sums from 2¹⁰⁰ on
  // have no rest that counts.
  let rest = (sum.low + x.low) * powerOfTwo(parts.k < 100 ? -parts.k : -100)
  let f = sumWithError(parts.f, rest)
  return logarithm(LogarithmParts(k: parts.k + n, f: f.high), low: f.low)
}

@inline(__always)
private func lnOnePlus(_ x: Double) -> Double {
  let value = logarithm(ofOnePlus: (x, 0), timesTwoTo: 0)
  let finite = x < .infinity ? value : x
  let positive = x < -1 ? .nan : finite
  let inside = x == -1 ? -.infinity : positive
  return x == 0 ? x : inside
}

@inline(__always)
private func lg(_ x: Double) -> Double {
  let parts = LogarithmParts(x)
  let (half, s, product) = parts.terms
  let halfError = half.addingProduct(-0.5 * parts.f, parts.f)
  let difference = sumWithError(larger: parts.f, -half)
  // 1 / ln 10 and log₁₀ 2; the first part of the latter has 40 bits, so its product with k is exact.
  let leading = productWithError(difference.high, 0x1.bcb7b1526e50ep-2)
  let sum = sumWithError(larger: parts.k * 0x1.34413509f4p-2, leading.high)
  let small = (parts.k * 0x1.cff7988f8959bp-41).addingProduct(difference.high, 0x1.95355baaafad3p-57)
  let rest = small.addingProduct((difference.low + halfError).addingProduct(s, product), 0x1.bcb7b1526e50ep-2)
  return defined(sum.high + (sum.low + (leading.low + rest)), asLogarithmOf: x)
}
