/// The float64 nearest to w · 10^p, w = `significand`, p = `exponent`; nil where only the whole text of the number can decide,
/// as the result is subnormal, close to the ends of the range, or too close to the midpoint of two doubles. With `isCut` the
/// number lies between w · 10^p and (w + 1) · 10^p.
///
/// Up to 2^53 and 10^22 both factors are doubles and their product or quotient is rounded once (Clinger, "How to read floating
/// point numbers accurately", 1990). Else w and 10^p are multiplied as integers of 64 and 128 bits, whose product is right but for
/// some of its last bits (after Lemire, "Number parsing at a gigabyte per second", 2021).
func roundedToDouble(_ significand: UInt64, exponent: Int, isCut: Bool) -> Double? {
  if significand == 0 { return 0 }
  if !isCut, significand <= 1 << 53, exponent >= -22, exponent <= 22 {
    let (integer, power) = (Double(significand), exactPowersOfTen[abs(exponent)])
    return exponent < 0 ? integer / power : integer * power
  }
  guard exponent >= PowerOfTen.least, exponent <= PowerOfTen.greatest else { return nil }
  let power = PowerOfTen.all[exponent - PowerOfTen.least]
  let shift = significand.leadingZeroBitCount
  let normalized = significand << UInt64(shift)
  // The high 128 of the 192 bits of the product: at least 2^126.
  let high = normalized.multipliedFullWidth(by: UInt64(truncatingIfNeeded: power.bits >> 64))
  if !isCut, let rounded = rounded(high.high, high.low, exponent: power.exponent - shift + 191) { return rounded }
  let low = normalized.multipliedFullWidth(by: UInt64(truncatingIfNeeded: power.bits))
  let (middle, carry) = high.low.addingReportingOverflow(low.high)
  var product = UInt128(high.high &+ (carry ? 1 : 0)) << 64 | UInt128(middle)
  // w · 10^p = product · 2^scale.
  var scale = power.exponent - shift + 64
  if product >> 127 == 0 {
    product <<= 1
    scale -= 1
  }
  // Of the 128 bits a double keeps 53. A power lacks less than 2^13 of its last bit, so the product less than 2^15 of its own;
  // for what is cut off w, which has been shifted by at most 4 bits then, less than 2^69.
  let (kept, rest) = (UInt64(truncatingIfNeeded: product >> 75), product & (1 << 75 - 1))
  let half: UInt128 = 1 << 74
  let margin: UInt128 = isCut ? 1 << 70 : 1 << 15
  guard rest &+ margin < half || rest > half &+ margin else { return nil }
  // The exponent of the highest bit of the product.
  let binade = scale + 127
  guard binade > -1020, binade < 1020 else { return nil }
  // Adding the 53 bits, the highest of them set, carries into the exponent, as does rounding up to a power of two.
  return Double(bitPattern: UInt64(binade + 1022) << 52 &+ kept &+ (rest > half ? 1 : 0))
}

/// The double nearest to a product of which the lower half of one factor was left out; nil where that might decide. The product is
/// less than one unit of `high` larger than (high · 2^64 + low) · 2^-127 · 2^exponent, and `high` at least 2^62.
@inline(__always)
private func rounded(_ high: UInt64, _ low: UInt64, exponent: Int) -> Double? {
  let isShort = high >> 63 == 0
  let bits = isShort ? high << 1 | low >> 63 : high
  // Of the 64 bits a double keeps 53; at most three units of the last are missing.
  let (kept, rest, half) = (bits >> 11, bits & 0x7FF, UInt64(0x400))
  let binade = exponent - (isShort ? 1 : 0)
  guard rest + 3 < half || rest > half, binade > -1020, binade < 1020 else { return nil }
  return Double(bitPattern: UInt64(binade + 1022) << 52 &+ kept &+ (rest > half ? 1 : 0))
}

/// 10^0 … 10^22, which are doubles.
private let exactPowersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21,
  1e22,
]

/// A power of ten, cut to 128 bits: `bits` · 2^`exponent`, the highest bit set.
private struct PowerOfTen {
  var bits: UInt128
  var exponent: Int

  static let least = -330
  static let greatest = 308

  /// From 10^least on. Each is made from its neighbour towards 10^0, by which it loses less than 8 of its last bit, less than
  /// 2^-124 of itself; so none lacks more than 330 · 2^-124 of itself, less than 2^13 of its last bit.
  static let all: [PowerOfTen] = {
    let one = PowerOfTen(bits: 1 << 127, exponent: -127)
    var (above, below) = ([one], [one])
    for _ in 0..<greatest { above.append(above[above.count - 1].timesTen) }
    for _ in 0 ..< -least { below.append(below[below.count - 1].dividedByTen) }
    return below.dropFirst().reversed() + above
  }()

  private var timesTen: PowerOfTen {
    let eighth = bits >> 3
    return PowerOfTen(bits: eighth << 2 + eighth, exponent: exponent + 4).normalized
  }

  private var dividedByTen: PowerOfTen {
    let (high, rest) = UInt64(truncatingIfNeeded: bits >> 64).quotientAndRemainder(dividingBy: 5)
    let low = UInt64(5).dividingFullWidth((rest, UInt64(truncatingIfNeeded: bits))).quotient
    return PowerOfTen(bits: UInt128(high) << 64 | UInt128(low), exponent: exponent - 1).normalized
  }

  private var normalized: PowerOfTen {
    let shift = bits.leadingZeroBitCount
    return PowerOfTen(bits: bits << UInt128(shift), exponent: exponent - shift)
  }
}
