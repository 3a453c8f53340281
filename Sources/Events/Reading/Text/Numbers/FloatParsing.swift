/// The correctly rounded float32 of the decimal number that begins at `position`, which is moved past it.
///
/// Grammar: that of ``ScannedNumber``. Returns NaN where no number begins, or where an exponent has no digits, and an infinity
/// where the number is beyond the range of float32: one test of `isFinite` on the caller's side covers both.
public func parseFloat(_ bytes: Span<UInt8>, from position: inout Int) -> Float {
  if let number = plainNumber(bytes, at: position) {
    position = number.end
    return number.value
  }
  let start = position
  guard let number = ScannedNumber(bytes, from: &position) else { return .nan }
  let magnitude: Float
  if number.significand == 0 || number.exponent < leastExponent {
    magnitude = 0
  } else if number.exponent > greatestExponent {
    magnitude = .infinity
  } else if let rounded = roundedToFloat(number.significand, exponent: number.exponent) {
    magnitude = rounded
  } else {
    return Float(standardLibraryText(bytes.extracting(start..<position))) ?? .nan
  }
  return number.isNegative ? -magnitude : magnitude
}

/// The correctly rounded float64 of the decimal number that begins at `position`, which is moved past it: as
/// ``parseFloat(_:from:)``.
public func parseDouble(_ bytes: Span<UInt8>, from position: inout Int) -> Double {
  if let number = plainDouble(bytes, at: position) {
    position = number.end
    return number.value
  }
  let start = position
  guard let number = ScannedNumber(bytes, from: &position) else { return .nan }
  guard let magnitude = roundedToDouble(number.significand, exponent: number.exponent, isCut: number.isCut) else {
    return Double(standardLibraryText(bytes.extracting(start..<position))) ?? .nan
  }
  return number.isNegative ? -magnitude : magnitude
}
