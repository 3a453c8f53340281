/// The correctly rounded float32 of the decimal number that begins at `position`, which is moved behind it.
///
/// Grammar: `[+-] (digits [. [digits]] | . digits) [(e|E) [+-] digits]`. Returns NaN where no number begins, or where an
/// exponent has no digits, and an infinity where the number is beyond the range of float32: one test of
/// `isFinite` on the caller's side covers both.
///
/// The first 19 significant digits w and the power of ten 10^p give d ≈ w · 10^p in double precision with at most four
/// roundings of half a unit each (w cut to 19 digits, w as a double, 10^p, the product), an error
/// below four units in the last place. Rounding d to float32 is therefore right unless d lies within that distance of
/// the midpoint of two floats, about once in 2^25 random numbers; there, and for subnormal and very large results, the
/// standard library converts the text itself.
package func parseFloat(_ bytes: Span<UInt8>, from position: inout Int) -> Float {
  let start = position
  let end = bytes.count
  var index = start
  var negative = false
  if index < end, bytes[index] == Byte.minus || bytes[index] == Byte.plus {
    negative = bytes[index] == Byte.minus
    index += 1
  }
  let firstDigit = index
  var significand: UInt64 = 0
  index = scanDigits(bytes, from: index, into: &significand)
  var digits = index - firstDigit
  var exponent = 0
  if index < end, bytes[index] == Byte.point {
    let fraction = index + 1
    index = scanDigits(bytes, from: fraction, into: &significand)
    exponent = fraction - index
    digits += index - fraction
  }
  guard digits > 0 else { return .nan }
  if digits > 19 { (significand, exponent) = firstSignificantDigits(bytes.extracting(firstDigit..<index)) }

  if index < end, bytes[index] | 0x20 == Byte.e {
    index += 1
    var negativeExponent = false
    if index < end, bytes[index] == Byte.minus || bytes[index] == Byte.plus {
      negativeExponent = bytes[index] == Byte.minus
      index += 1
    }
    let firstDigit = index
    var written = 0
    while index < end, bytes[index] &- Byte.zero < 10 {
      // Beyond this the result is 0 or infinite whatever follows, and the sum below cannot overflow.
      if written < 100_000_000_000_000_000 { written = written &* 10 &+ Int(bytes[index] &- Byte.zero) }
      index += 1
    }
    guard index > firstDigit else { return .nan }
    exponent += negativeExponent ? -written : written
  }
  position = index

  // 10^-71 · 10^19 is below half the least float, 10^41 above the greatest.
  if significand == 0 || exponent < -70 { return negative ? -0.0 : 0.0 }
  if exponent > 40 { return negative ? -.infinity : .infinity }
  let power = powersOfTen[abs(exponent)]
  let approximation = exponent < 0 ? Double(significand) / power : Double(significand) * power
  // A double has 29 bits more than a float: at a midpoint the first of them is set and the others are not.
  let distance = Int64(approximation.bitPattern & 0x1FFF_FFFF) - 0x1000_0000
  guard approximation > 0x1p-125, approximation < 0x1p127, abs(distance) > 8 else {
    return convertedByStandardLibrary(bytes.extracting(start..<index))
  }
  let magnitude = Float(approximation)
  return negative ? -magnitude : magnitude
}

/// Appends the digits from `index` on to a decimal integer (modulo 2^64) and returns the index behind them.
@inline(__always)
private func scanDigits(_ bytes: Span<UInt8>, from index: Int, into integer: inout UInt64) -> Int {
  var index = index
  while index < bytes.count {
    let digit = bytes[index] &- Byte.zero
    guard digit < 10 else { break }
    integer = integer &* 10 &+ UInt64(digit)
    index += 1
  }
  return index
}

/// The first 19 significant digits of `digits` (decimal digits with at most one point) and the power of ten that goes
/// with them; what follows them is cut.
@inline(never)
private func firstSignificantDigits(_ digits: Span<UInt8>) -> (significand: UInt64, exponent: Int) {
  var significand: UInt64 = 0
  var taken = 0
  var exponent = 0
  var isFraction = false
  for index in digits.indices {
    if digits[index] == Byte.point {
      isFraction = true
      continue
    }
    let digit = UInt64(digits[index] &- Byte.zero)
    if taken < 19 {
      significand = significand * 10 + digit
      if significand > 0 { taken += 1 }
      if isFraction { exponent -= 1 }
    } else if !isFraction {
      exponent += 1
    }
  }
  return (significand, exponent)
}

/// The slow way: a string for the standard library, which rounds correctly at any length.
@inline(never)
private func convertedByStandardLibrary(_ number: Span<UInt8>) -> Float {
  var text = ""
  for index in number.indices { text.unicodeScalars.append(Unicode.Scalar(number[index])) }
  return Float(text) ?? .nan
}

/// 10^0 … 10^70, each the nearest double (exact up to 10^22).
private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23,
  1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35,
  1e36, 1e37, 1e38, 1e39, 1e40, 1e41, 1e42, 1e43, 1e44, 1e45, 1e46, 1e47,
  1e48, 1e49, 1e50, 1e51, 1e52, 1e53, 1e54, 1e55, 1e56, 1e57, 1e58, 1e59,
  1e60, 1e61, 1e62, 1e63, 1e64, 1e65, 1e66, 1e67, 1e68, 1e69, 1e70,
]
