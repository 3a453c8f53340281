extension Elementary {
  /// The angle of the point (x, y) to the x axis, within [−π, π], off by less than 1 ulp.
  ///
  /// Zeros and infinities are treated as in IEEE 754 and C's `atan2`: the result has the sign of y, and x = −0 is to the left.
  /// If one is NaN, the result is NaN.
  ///
  /// The angle is j · π/4 ± arctan z with |z| ≤ tan π/8, where z is the quotient of the smaller and the larger of |x| and
  /// |y| or, beyond tan π/8, of their difference and sum. arctan z = z + z³ · p(z²), where p is a minimax polynomial of
  /// degree 10, off by less than 2⁻⁵⁹ of arctan z. z carries the error of its division, j · π/4 that of its rounding.
  public static func arcTangent(y: Double, x: Double) -> Double { atan2(y, x) }

  /// y[i] ← the angle of the point (x[i], y[i]), with the bits of the function of one point.
  ///
  /// `x` has as many elements as `y`.
  public static func arcTangent(y: inout MutableSpan<Double>, x: Span<Double>) {
    precondition(y.count == x.count, "as many x as y")
    for i in y.indices { y[i] = atan2(y[i], x[i]) }
  }

  /// arsinh x, off by less than 1 ulp, also near 0. −0 stays −0, infinity and NaN stay what they are.
  ///
  /// arsinh |x| = ln(1 + |x| + x² / (1 + √(1 + x²))), where the argument of the logarithm is carried as the sum of two
  /// doubles; from 2²⁸ on it is ln 2|x|.
  public static func inverseHyperbolicSine(_ x: Double) -> Double { arsinh(x) }

  /// values[i] ← arsinh values[i], with the bits of the function of one number.
  public static func inverseHyperbolicSine(_ values: inout MutableSpan<Double>) { transform(&values) { arsinh($0) } }
}

@inline(__always)
private func atan2(_ y: Double, _ x: Double) -> Double {
  let isSteep = y.magnitude > x.magnitude
  let larger = isSteep ? y.magnitude : x.magnitude
  let smaller = isSteep ? x.magnitude : y.magnitude
  // So that neither sum nor error of the quotient leaves the range of doubles. What the smaller loses does not affect
  // the quotient.
  let shrunk = larger > 0x1p900 ? 0x1p-110 : 1
  let scale = larger < 0x1p-900 ? 0x1p110 : shrunk
  // Two infinities count as equal, two zeros as a point on the axis.
  let isInfinite = larger == .infinity
  let finite = isInfinite ? 1 : larger * scale
  let far = larger == 0 ? 1 : finite
  let besideInfinity: Double = smaller == .infinity ? 1 : 0
  let near = isInfinite ? besideInfinity : smaller * scale

  let isDiagonal = near > 0x1.a827999fcef32p-2 * far  // tan π/8
  let (z, zRest) = quotientWithError(
    isDiagonal ? sumWithError(larger: -far, near) : (near, 0), isDiagonal ? sumWithError(larger: far, near) : (far, 0))

  let square = z * z
  var p = -0x1.2a233f5de4edep-6
  p = 0x1.3a1b804ee3e30p-5.addingProduct(p, square)
  p = (-0x1.9dc532fcdaf83p-5).addingProduct(p, square)
  p = 0x1.df488d9478886p-5.addingProduct(p, square)
  p = (-0x1.10efeea5b2c8ep-4).addingProduct(p, square)
  p = 0x1.3b117f6ef15e9p-4.addingProduct(p, square)
  p = (-0x1.745cff1fa4eabp-4).addingProduct(p, square)
  p = 0x1.c71c71237fa3ap-4.addingProduct(p, square)
  p = (-0x1.249249235d917p-3).addingProduct(p, square)
  p = 0x1.9999999997884p-3.addingProduct(p, square)
  p = (-0x1.555555555554ep-2).addingProduct(p, square)
  // d arctan z = (1 − z² + …) · dz.
  let rest = (z * square * p).addingProduct(zRest, 1 - square)

  // In the first octant t = o + arctan z, o = 0 or π/4; above the diagonal π/2 − t; to the left π minus that. Every second
  // reflection gives the sign of arctan z back.
  let side = Double(signOf: x, magnitudeOf: 1)
  let direction = isSteep ? -side : side
  let base = isSteep ? 2 : 2 - 2 * side
  let eighths = base.addingProduct(direction, isDiagonal ? 1 : 0)
  // π/4 as the sum of two doubles. The first product is exact but for 3, whose error is known.
  let (offset, offsetError) = productWithError(eighths, 0x1.921fb54442d18p-1)
  let offsetRest = offsetError.addingProduct(eighths, 0x1.1a62633145c07p-55)
  let (high, low) = sumWithError(larger: offset, direction * z)
  let value = high + (low + offsetRest.addingProduct(direction, rest))
  let signed = Double(signOf: y, magnitudeOf: value)
  let known = x.isNaN ? .nan : signed
  return y.isNaN ? .nan : known
}

@inline(__always)
private func arsinh(_ x: Double) -> Double {
  let isLarge = x.magnitude > 0x1p28
  let a = isLarge ? 1 : x.magnitude
  let square = productWithError(a, a)
  let sum = sumWithError(1, square.high)
  let root = sum.high.squareRoot()
  let divisor = sumWithError(larger: root, 1)
  let divisorRest = (sum.high.addingProduct(-root, root) + (sum.low + square.low)) / (root + root)
  let part = quotientWithError(square, (divisor.high, divisor.low + divisorRest))
  // x² / (1 + √(1 + x²)) < |x|.
  let argument = sumWithError(larger: a, part.high)
  // ln 2|x| = ln(1 + (|x| − 1)) + ln 2; beyond 2⁵³ the 1 does not count.
  let high = isLarge ? x.magnitude : argument.high
  let low = isLarge ? -1 : argument.low + part.low
  let value = logarithm(ofOnePlus: (high, low), timesTwoTo: isLarge ? 1 : 0)
  return x.magnitude < .infinity ? Double(signOf: x, magnitudeOf: value) : x
}
