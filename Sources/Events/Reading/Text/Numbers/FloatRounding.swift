/// The float32 nearest to w · 10^p, where w is the first 19 digits of a number or fewer: `significand`; nil where only the whole
/// text of the number can decide.
///
/// In double precision d ≈ w · 10^p has at most four roundings of half a unit each (w cut to 19 digits, w as a double,
/// 10^p, the product), an error below four units in the last place. Rounding d to float32 is therefore right unless d lies
/// within that distance of the midpoint of two floats, about once in 2^25 random numbers. Subnormal and very large
/// results are left to the text as well.
@inline(__always)
func roundedToFloat(_ significand: UInt64, exponent: Int) -> Float? {
  if significand == 0 { return 0 }
  guard exponent >= leastExponent, exponent <= greatestExponent else { return nil }
  let power = powersOfTen[abs(exponent)]
  let approximation = exponent < 0 ? Double(significand) / power : Double(significand) * power
  // A double has 29 bits more than a float: at a midpoint the first of them is set and the others are not.
  let distance = Int64(approximation.bitPattern & 0x1FFF_FFFF) - 0x1000_0000
  guard approximation > 0x1p-125, approximation < 0x1p127, abs(distance) > 8 else { return nil }
  return Float(approximation)
}

/// 10^-71 · 10^19 is below half the least float.
let leastExponent = -70

/// 10^41 is above the greatest float.
let greatestExponent = 40

/// 10^0 … 10^70, each the nearest double (exact up to 10^22).
private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23,
  1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35,
  1e36, 1e37, 1e38, 1e39, 1e40, 1e41, 1e42, 1e43, 1e44, 1e45, 1e46, 1e47,
  1e48, 1e49, 1e50, 1e51, 1e52, 1e53, 1e54, 1e55, 1e56, 1e57, 1e58, 1e59,
  1e60, 1e61, 1e62, 1e63, 1e64, 1e65, 1e66, 1e67, 1e68, 1e69, 1e70,
]
