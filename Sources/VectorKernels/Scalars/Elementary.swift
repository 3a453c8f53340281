/// Elementary functions of one double, for initial weights, schedules and reports.
///
/// They are built from +, −, ×, ÷, fused multiply-add and the bits of a number alone, which IEEE 754 fixes to the last
/// bit; so, unlike those of a mathematics library, they give the same bits on every machine.
public enum Elementary {
  /// The nearest integer to a number below 2⁵¹ in magnitude, in the default rounding mode.
  @inline(__always) static func nearestInteger(_ x: Double) -> Double {
    (x + 0x1.8p52) - 0x1.8p52
  }

  /// 2ⁿ for −1022 ≤ n ≤ 1023.
  @inline(__always) static func powerOfTwo(_ n: Int) -> Double {
    Double(bitPattern: UInt64(truncatingIfNeeded: n &+ 1023) &<< 52)
  }
}
