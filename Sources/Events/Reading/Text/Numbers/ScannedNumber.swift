/// A decimal number as a text writes it: ± significand · 10^exponent, cut behind its 19th significant digit.
///
/// Grammar: `[+-] (digits [. [digits]] | . digits) [(e|E|d|D) [+-] digits]`, the latter as in Fortran.
struct ScannedNumber {
  var isNegative = false
  /// Below 10^19.
  var significand: UInt64 = 0
  var exponent = 0
  /// Whether digits were cut off: the number may be larger than this says, by less than a unit of the significand.
  var isCut = false
}

extension ScannedNumber {
  /// Reads the number that begins at `position`, which is moved past it; nil, and no move, where none begins or an exponent
  /// has no digits.
  init?(_ bytes: Span<UInt8>, from position: inout Int) {
    let end = bytes.count
    var index = position
    if index < end, bytes[index] == Byte.minus || bytes[index] == Byte.plus {
      isNegative = bytes[index] == Byte.minus
      index += 1
    }
    let firstDigit = index
    index = scanDigits(bytes, from: index, into: &significand)
    var digits = index - firstDigit
    if index < end, bytes[index] == Byte.point {
      let fraction = index + 1
      index = scanDigits(bytes, from: fraction, into: &significand)
      exponent = fraction - index
      digits += index - fraction
    }
    guard digits > 0 else { return nil }
    if digits > 19 {
      (significand, exponent, isCut) = firstSignificantDigits(bytes.extracting(firstDigit..<index))
    }
    if index < end, Byte.beginsExponent(bytes[index]) {
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
      guard index > firstDigit else { return nil }
      exponent += negativeExponent ? -written : written
    }
    position = index
  }
}

/// Appends the digits from `index` on to a decimal integer (modulo 2^64) and returns the index after them.
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

/// The first 19 significant digits of `digits` (decimal digits with at most one point), the power of ten that goes with
/// them, and whether digits other than 0 follow them.
@inline(never)
private func firstSignificantDigits(_ digits: Span<UInt8>) -> (significand: UInt64, exponent: Int, isCut: Bool) {
  var significand: UInt64 = 0
  var taken = 0
  var exponent = 0
  var (isFraction, isCut) = (false, false)
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
    } else {
      if digit > 0 { isCut = true }
      if !isFraction { exponent += 1 }
    }
  }
  return (significand, exponent, isCut)
}

/// Digits, a point and an exponent as a string for the standard library, which rounds correctly at any length: the slow way.
@inline(never)
func standardLibraryText(_ number: Span<UInt8>) -> String {
  var text = ""
  for index in number.indices {
    text.unicodeScalars.append(Byte.beginsExponent(number[index]) ? "e" : Unicode.Scalar(number[index]))
  }
  return text
}
