/// Elementary functions of doubles, for initial weights, schedules, reports, and variables derived from those of an event.
///
/// They are built from +, −, ×, ÷, square root, fused multiply-add and the bits of a number alone, which IEEE 754 fixes to the
/// last bit; so, unlike those of a mathematics library, they give the same bits on every machine.
///
/// Most take no branches: special arguments are selected at the end. The compiler makes vector code of a loop over such a
/// function, so each has a second form that works in place on a span of any length, and gives the bits of the first.
public enum Elementary {}

/// values[i] ← function(values[i]).
///
/// `function` takes no branches and is inlined, so that the loop works on a vector of values at a time.
@inline(__always)
func transform(_ values: inout MutableSpan<Double>, _ function: (Double) -> Double) {
  for i in values.indices { values[i] = function(values[i]) }
}

/// 2ⁿ for an integer n with −1022 ≤ n ≤ 1023.
@inline(__always)
func powerOfTwo(_ n: Double) -> Double {
  // A number near 1.5 · 2⁵² has its integer in the low bits; the shift moves n + 1023 into the exponent's field.
  Double(bitPattern: (n + (0x1.8p52 + 1023)).bitPattern &<< 52)
}

/// value · 2ⁿ for an integer n with −2044 ≤ n ≤ 2046, rounded once unless it is subnormal.
///
/// In two factors: 2ⁿ itself may be too large or too small for a number that the result is not.
@inline(__always)
func scaled(_ value: Double, byPowerOfTwo n: Double) -> Double {
  let biased = (n + (0x1.8p52 + 2046)).bitPattern & 0xfff
  let half = biased &>> 1
  return value * Double(bitPattern: half &<< 52) * Double(bitPattern: (biased &- half) &<< 52)
}
