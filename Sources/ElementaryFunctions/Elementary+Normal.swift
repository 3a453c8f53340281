extension Elementary {
  /// The x below which a standard normal variable lies with probability p, off by less than 1.5 ulp.
  ///
  /// 0 gives −∞, 1 gives +∞; numbers outside [0, 1] and NaN give NaN.
  ///
  /// The rational functions are those of `PPND16` in M. J. Wichura, Algorithm AS 241: The Percentage Points of the Normal
  /// Distribution, Applied Statistics 37 (1988) 477–484. They and their coefficients as doubles are off by less than 2⁻⁵³ of the
  /// result; they are computed with sums of two doubles, so that little more than the last rounding adds to this.
  public static func inverseNormal(_ p: Double) -> Double {
    guard p >= 0, p <= 1 else { return .nan }
    let offset = sumWithError(-0.5, p)
    let q = offset.high
    if q.magnitude <= 0.425 {
      let square = product(offset, offset)
      let r = sumWithError(larger: 0.180625, -square.high)
      // 0.180625 is a sum of two doubles, as 1.6 below.
      let ratio = RationalFunction.central((r.high, r.low - (square.low + 0x1.1eb851eb851ecp-57)))
      let value = product(offset, ratio)
      return value.high + value.low
    }
    let smaller = q < 0 ? p : 1 - p
    if smaller == 0 { return q < 0 ? -.infinity : .infinity }
    let logarithm = doubledLogarithm(smaller)
    let root = (-logarithm.high).squareRoot()
    let rootRest = ((-logarithm.high).addingProduct(-root, root) - logarithm.low) / (2 * root)
    let isFar = root > 5
    let r = sumWithError(root, isFar ? -5 : -1.6)
    let rest = r.low + (isFar ? rootRest : rootRest + 0x1.999999999999ap-54)
    let value = isFar ? RationalFunction.farTail((r.high, rest)) : RationalFunction.tail((r.high, rest))
    return q < 0 ? -(value.high + value.low) : value.high + value.low
  }
}

/// A quotient of two polynomials of degree 7, highest powers first.
private struct RationalFunction {
  /// For |p − ½| ≤ 0.425, in 0.180625 − (p − ½)²; times p − ½.
  static var central: Self {
    Self(
      numerator: [
        2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
        4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
        1.3314166789178437745e2, 3.3871328727963666080,
      ],
      denominator: [
        5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
        2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
        4.2313330701600911252e1, 1.0,
      ])
  }

  /// For √(−ln q) ≤ 5, in √(−ln q) − 1.6.
  static var tail: Self {
    Self(
      numerator: [
        7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
        1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550,
        4.63033784615654529590, 1.42343711074968357734,
      ],
      denominator: [
        1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
        1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
        2.05319162663775882187, 1.0,
      ])
  }

  /// For √(−ln q) > 5, in √(−ln q) − 5.
  static var farTail: Self {
    Self(
      numerator: [
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
        2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
        5.46378491116411436990, 6.65790464350110377720,
      ],
      denominator: [
        2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
        7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
        5.99832206555887937690e-1, 1.0,
      ])
  }

  let numerator: SIMD8<Double>
  let denominator: SIMD8<Double>

  func callAsFunction(_ r: (high: Double, low: Double)) -> (high: Double, low: Double) {
    quotientWithError(Self.value(of: numerator, at: r), Self.value(of: denominator, at: r))
  }

  /// Horner's rule in sums of two doubles.
  private static func value(of coefficients: SIMD8<Double>, at r: (high: Double, low: Double)) -> (
    high: Double, low: Double
  ) {
    var value = (high: coefficients[0], low: 0.0)
    for i in 1..<8 {
      let next = product(value, r)
      let sum = sumWithError(coefficients[i], next.high)
      value = (sum.high, sum.low + next.low)
    }
    return value
  }
}
