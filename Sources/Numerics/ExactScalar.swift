/// Exact sums of scalars (loss, event weights) in any order: a double is cut into limbs of 32 bits, each an integer that a
/// double holds, and limbs are added one by one.
///
/// Limb k counts units of 2^(32k − 64). Seven of them span 2⁻⁶⁴ … 2¹⁶⁰, more than a float32 loss times its weight can be.
/// Rounding to nearest leaves at most 2³¹ in a limb, so 2²² terms fit below 2⁵³: terms are whole blocks of events, not events.
/// The idea is that of Kulisch's long accumulator.
public enum ExactScalar {
  /// The number of limbs.
  public static let limbs = 7
  /// The upper bound of the magnitude of a term.
  public static let bound = 0x1p159

  /// Adds `value`, rounded to a multiple of 2⁻⁶⁴, to the limbs at `sums`; |value| < `bound`.
  public static func add(_ value: Double, to sums: UnsafeMutablePointer<Double>) {
    var rest = value
    // Limbs above the value's size get an exact zero: skip them.
    var limb = value.magnitude < 0x1p31 ? 2 : limbs - 1
    while limb >= 0 {
      let units = nearestInteger(rest * inverseUnit(limb))
      unsafe sums[limb] += units
      rest -= units * unit(limb)
      limb -= 1
    }
  }

  /// The sum that the limbs stand for, rounded to double from the highest limb down.
  public static func total(_ sums: UnsafePointer<Double>) -> Double {
    var total = 0.0
    for limb in (0..<limbs).reversed() { unsafe total += sums[limb] * unit(limb) }
    return total
  }

  private static func unit(_ limb: Int) -> Double { powerOfTwo(32 * limb - 64) }
  private static func inverseUnit(_ limb: Int) -> Double { powerOfTwo(64 - 32 * limb) }
}
