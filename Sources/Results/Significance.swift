import ElementaryFunctions

/// How significant an expected signal is.
package enum Significance {
  /// The median significance with which `signal` expected events on top of `background` exclude the background alone, Z_A. The
  /// background is known to ± `uncertainty` from a measurement of its own (the on-off problem); 0 where it is known exactly:
  ///
  ///     Z_A² = 2 [(s + b) ln(1 + s/b) − s]                                              (arXiv:1007.1727, section 4)
  ///     Z_A² = 2 [(s + b) ln((s + b)(b + σ²) / (b² + (s + b)σ²)) − (b²/σ²) ln(1 + σ²s / (b(b + σ²)))]
  ///                                          (G. Cowan, "Discovery sensitivity for a counting experiment", 2012, eq. 20)
  ///
  /// Both are 2b [h(x) − h(cx)/c], x = s/b, c = σ²/(b + σ²), h(x) = (1 + x) ln(1 + x) − x, which loses nothing where the signal is small.
  /// 0 where there is no signal, or less than none; NaN where there is no background.
  package static func asimov(signal: Double, background: Double, uncertainty: Double = 0) -> Double {
    guard background > 0 else { return .nan }
    guard signal > 0 else { return 0 }
    let (ratio, variance) = (signal / background, uncertainty * uncertainty)
    let known = variance / (background + variance)
    let lost = known > 0 ? entropy(known * ratio) / known : 0
    return (2 * background * (entropy(ratio) - lost)).squareRoot()
  }

  /// The approximate median significance of the Higgs Boson Machine Learning Challenge (C. Adam-Bourdarios et al., 2014):
  ///
  ///     AMS = √(2 [(s + b + 10) ln(1 + s / (b + 10)) − s])
  package static func ams(signal: Double, background: Double) -> Double {
    asimov(signal: signal, background: background + 10)
  }

  /// That of bins whose uncertainties do not depend on each other.
  package static func combined(_ bins: some Sequence<Double>) -> Double {
    bins.map { $0 * $0 }.compensatedSum.squareRoot()
  }

  /// (1 + x) ln(1 + x) − x for x ≥ 0.
  private static func entropy(_ x: Double) -> Double {
    guard x < 0.05 else { return (1 + x) * Elementary.logarithmOnePlus(x) - x }
    // Σ (−x)ⁿ / (n(n − 1)), n from 2 on: what is left out is less than 2⁻⁵³ of it.
    var (sum, power, n) = (0.0, x * x, 2.0)
    while n < 15 {
      sum += power / (n * (n - 1))
      power *= -x
      n += 1
    }
    return sum
  }
}
