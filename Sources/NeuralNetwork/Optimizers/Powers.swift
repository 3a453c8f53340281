import ElementaryFunctions

/// The powers baseⁿ of one number, off by less than 2 ulp: for a sequence of exponents a product each, where
/// `Elementary.power` takes as long as a tenth of the step of a single event.
///
/// base^(256q + r) = base^(256q) · base^r, the first factor kept until q changes, the second from a table. So a power is a
/// function of base and exponent alone, independent of earlier calls: a resumed training gets the same bits.
struct Powers {
  private let base: Double
  private let low: [Double]
  private var high = 1.0
  private var quotient = 0

  init(of base: Double) {
    self.base = base
    low = (0..<256).map { Elementary.power(base, $0) }
  }

  /// baseⁿ for n ≥ 0.
  subscript(exponent: Int) -> Double {
    mutating get {
      if exponent >> 8 != quotient {
        quotient = exponent >> 8
        high = Elementary.power(base, quotient << 8)
      }
      return high * low[exponent & 255]
    }
  }
}
