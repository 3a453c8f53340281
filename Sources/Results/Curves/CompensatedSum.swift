/// A sum of doubles with the rounding errors of its additions in a second one (Neumaier, ZAMM 54 (1974) 39): off by some 2⁻⁵³ of its
/// value, and by n² · 2⁻¹⁰⁶ of the sum of magnitudes.
struct CompensatedSum: Sendable {
  private var sum = 0.0
  private var error = 0.0

  var value: Double { sum + error }

  static func += (total: inout CompensatedSum, term: Double) {
    let sum = total.sum + term
    total.error += total.sum.magnitude >= term.magnitude ? (total.sum - sum) + term : (term - sum) + total.sum
    total.sum = sum
  }
}

extension Sequence<Double> {
  /// The sum of the elements: see ``CompensatedSum``.
  var compensatedSum: Double {
    var sum = CompensatedSum()
    for term in self { sum += term }
    return sum.value
  }
}
