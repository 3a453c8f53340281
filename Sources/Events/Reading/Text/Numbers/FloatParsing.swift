/// The correctly rounded float32 of the decimal number that begins at `position`, which is moved behind it.
///
/// Grammar: `[+-] (digits [. [digits]] | . digits) [(e|E) [+-] digits]`. Returns NaN where no number begins, or where an
/// exponent has no digits, and an infinity where the number is beyond the range of float32: one test of
/// `isFinite` on the caller's side covers both.
public func parseFloat(_ bytes: Span<UInt8>, from position: inout Int) -> Float {
  if let number = plainNumber(bytes, at: position) {
    position = number.end
    return number.value
  }
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

  if significand == 0 || exponent < leastExponent { return negative ? -0.0 : 0.0 }
  if exponent > greatestExponent { return negative ? -.infinity : .infinity }
  guard let magnitude = roundedToFloat(significand, exponent: exponent) else {
    return convertedByStandardLibrary(bytes.extracting(start..<index))
  }
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
