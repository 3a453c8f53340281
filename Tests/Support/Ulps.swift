/// The widest type that has a mathematics library here, as the oracle for doubles.
#if arch(x86_64)
  package typealias Wide = Float80
#else
  package typealias Wide = Double
#endif

/// How far `value` is from `exact` in units of the last place that a float32 near `exact` has: 0 where both are NaN or
/// the same infinity, infinite where only one of them is.
package func ulps(_ value: Float, from exact: Double) -> Double {
  if value.isNaN || exact.isNaN { return value.isNaN && exact.isNaN ? 0 : .infinity }
  let rounded = Float(exact)
  if rounded.isInfinite || value.isInfinite { return rounded == value ? 0 : .infinity }
  return (Double(value) - exact).magnitude / Double(max(rounded.magnitude, .leastNormalMagnitude).ulp)
}

/// How far `value` is from `exact` in units of the last place of a double near `exact`.
package func ulps(_ value: Double, from exact: Wide) -> Double {
  if value.isNaN || exact.isNaN { return value.isNaN && exact.isNaN ? 0 : .infinity }
  let rounded = Double(exact)
  if rounded.isInfinite || value.isInfinite { return rounded == value ? 0 : .infinity }
  return Double((Wide(value) - exact).magnitude / Wide(max(rounded.magnitude, .leastNormalMagnitude).ulp))
}

/// Whether two floats are the same to the bit, all NaNs being one: which NaN comes out is the processor's affair.
package func isSame(_ a: Float, _ b: Float) -> Bool {
  a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
}
