extension Elementary {
  /// baseⁿ by repeated squaring, off by less than 1 ulp wherever the result is a normal number and |n| ≤ 2⁴⁰.
  ///
  /// The products are carried as the sum of two doubles, without which n roundings would add up. base⁰ is 1 for
  /// every base, NaN too; a negative exponent of ±0 gives ±∞ or +∞ as IEEE 754 `pown` says.
  public static func power(_ base: Double, _ exponent: Int) -> Double {
    var square = exponent < 0 ? DoubledNumber(reciprocalOf: base) : DoubledNumber(high: base, low: 0)
    var result = DoubledNumber(high: 1, low: 0)
    var remaining = exponent.magnitude
    while remaining > 0 {
      if remaining & 1 == 1 { result = result * square }
      remaining >>= 1
      if remaining > 0 { square = square * square }
    }
    return result.high
  }

  /// The number `high` + `low`, where `high` is the double nearest to it.
  private struct DoubledNumber {
    let high: Double
    let low: Double

    init(high: Double, low: Double) {
      self.high = high
      self.low = low
    }

    init(reciprocalOf x: Double) {
      let quotient = 1 / x
      let error = 1.0.addingProduct(-quotient, x) / x
      // Infinite, zero or NaN quotients are the answer; their error means nothing.
      self.init(high: quotient, low: error.isFinite && quotient != 0 ? error : 0)
    }

    static func * (a: Self, b: Self) -> Self {
      let product = a.high * b.high
      // Once a product has overflowed, vanished or become NaN there is nothing to correct.
      guard product.isFinite, product != 0 else { return Self(high: product, low: 0) }
      let error = (-product).addingProduct(a.high, b.high)
      let rest = error.addingProduct(a.high, b.low).addingProduct(a.low, b.high)
      let high = product + rest
      return Self(high: high, low: rest - (high - product))
    }
  }
}
