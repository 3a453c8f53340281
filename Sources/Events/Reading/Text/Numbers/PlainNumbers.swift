// Decimal numbers, eight digits at a time, without looking for the end of the bytes at each of them.

/// No number that `plainNumber` reads, nor anything it looks at, reaches further than this: a sign, 24 digits, a point,
/// 24 digits, an `e`, a sign and one word of digits.
let plainNumberReach = 64

/// The float32 of the decimal number that begins at `start`, correctly rounded, and where it ends; nil for whatever is
/// better left to `parseFloat`, which reads the same numbers and many more.
///
/// SAFETY: `plainNumberReach` bytes can be read from `start` on.
@inline(__always)
func plainNumber(at start: UnsafePointer<UInt8>) -> (value: Float, end: UnsafePointer<UInt8>)? {
  guard let number = unsafe plainDecimal(at: start),
    let magnitude = unsafe roundedToFloat(number.significand, exponent: number.exponent)
  else { return nil }
  return unsafe (Float(bitPattern: magnitude.bitPattern | UInt32(number.minus) << 31), number.end)
}

/// The same for a float64.
@inline(__always)
func plainDouble(at start: UnsafePointer<UInt8>) -> (value: Double, end: UnsafePointer<UInt8>)? {
  guard let number = unsafe plainDecimal(at: start),
    let magnitude = unsafe roundedToDouble(number.significand, exponent: number.exponent, isCut: false)
  else { return nil }
  return unsafe (Double(bitPattern: magnitude.bitPattern | UInt64(number.minus) << 63), number.end)
}

/// A decimal number significand · 10^exponent, negative if `minus` is 1, else positive.
@unsafe private struct PlainDecimal {
  var significand: UInt64
  var exponent: Int
  var minus: Int
  var end: UnsafePointer<UInt8>
}

/// The number that begins at `start`, of 19 significant digits or fewer.
///
/// SAFETY: `plainNumberReach` bytes can be read from `start` on.
@inline(__always)
private func plainDecimal(at start: UnsafePointer<UInt8>) -> PlainDecimal? {
  var next = unsafe start
  // Signs are as good as random, so they are not branched on.
  let minus = unsafe next[0] == Byte.minus ? 1 : 0
  if unsafe next[0] == Byte.plus { unsafe next += 1 }
  unsafe next += minus

  let firstDigit = unsafe next
  var significand: UInt64 = 0
  // Wherever the length of a step does not depend on counted digits, the CPU goes on before it has counted them: here with
  // the one digit of numbers with an exponent.
  var digits = 1
  if unsafe next[1] == Byte.point && next[0] &- Byte.zero < 10 {
    significand = unsafe UInt64(next[0] &- Byte.zero)
    unsafe next += 1
  } else {
    digits = unsafe takeDigits(&next, into: &significand)
  }
  var exponent = 0
  if unsafe next[0] == Byte.point {
    unsafe next += 1
    let fraction = unsafe takeDigits(&next, into: &significand)
    digits += fraction
    exponent = -fraction
  }
  guard digits > 0 else { return nil }
  // Twenty digits may have overflowed the significand, zeros before them have not. Of 24 there may be more.
  if digits > 19 {
    guard unsafe digits < 24 && digits - leadingZeros(firstDigit, before: next) <= 19 else { return nil }
  }

  if unsafe Byte.beginsExponent(next[0]) {
    let minus = unsafe next[1] == Byte.minus ? 1 : 0
    unsafe next += unsafe next[1] == Byte.plus ? 2 : 1 + minus
    var written: Int
    let (tens, ones) = unsafe (next[0] &- Byte.zero, next[1] &- Byte.zero)
    if unsafe tens < 10 && ones < 10 && next[2] &- Byte.zero >= 10 {
      written = Int(tens &* 10 &+ ones)
      unsafe next += 2
    } else {
      let word = unsafe digitWord(at: next)
      guard word.count > 0, word.count < 8 else { return nil }
      written = Int(word.value)
      unsafe next += word.count
    }
    // −w is ~w + 1.
    exponent += (written ^ -minus) + minus
  }
  return unsafe PlainDecimal(significand: significand, exponent: exponent, minus: minus, end: next)
}

/// The same for a number that begins at `position`; nil also where the end of the bytes is near.
func plainNumber(_ bytes: Span<UInt8>, at position: Int) -> (value: Float, end: Int)? {
  guard position >= 0, bytes.count - position >= plainNumberReach else { return nil }
  // SAFETY: the bytes that may be looked at are there, by the line above.
  return unsafe bytes.withUnsafeBufferPointer { bytes in
    guard let first = bytes.baseAddress, let number = unsafe plainNumber(at: first + position) else { return nil }
    return unsafe (number.value, number.end - first)
  }
}

/// The float64 that begins at `position`; nil also where the end of the bytes is near.
func plainDouble(_ bytes: Span<UInt8>, at position: Int) -> (value: Double, end: Int)? {
  guard position >= 0, bytes.count - position >= plainNumberReach else { return nil }
  // SAFETY: the bytes that may be looked at are there, by the line above.
  return unsafe bytes.withUnsafeBufferPointer { bytes in
    guard let first = bytes.baseAddress, let number = unsafe plainDouble(at: first + position) else { return nil }
    return unsafe (number.value, number.end - first)
  }
}

/// Appends up to 24 digits to a decimal integer (modulo 2^64), moves `next` past them and returns their number.
@inline(__always)
private func takeDigits(_ next: inout UnsafePointer<UInt8>, into integer: inout UInt64) -> Int {
  var taken = 0
  while true {
    let word = unsafe digitWord(at: next)
    // Again a step of known length.
    if word.count == 8 {
      integer = integer &* 100_000_000 &+ word.value
      unsafe next += 8
      taken += 8
      if taken == 24 { return taken }
    } else {
      integer = integer &* integerPowersOfTen[word.count] &+ word.value
      unsafe next += word.count
      return taken + word.count
    }
  }
}

/// The zeros that the digits from `first` on (with at most one point) begin with.
@inline(never)
private func leadingZeros(_ first: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> Int {
  var (next, zeros) = unsafe (first, 0)
  while unsafe next < end && (next[0] == Byte.zero || next[0] == Byte.point) {
    if unsafe next[0] == Byte.zero { zeros += 1 }
    unsafe next += 1
  }
  return zeros
}

/// The number of digits among the next eight bytes that come before any other byte, and the integer that they write.
@inline(__always)
private func digitWord(at next: UnsafePointer<UInt8>) -> (count: Int, value: UInt64) {
  // SAFETY: no alignment is asked for, and the caller vouches for eight bytes.
  let bytes = unsafe UInt64(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
  let digits = bytes ^ 0x3030_3030_3030_3030
  // Bit 7 of each byte that is not 0 … 9. A carry out of a byte comes from one that is none, so the lowest is right.
  let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
  let count = others.trailingZeroBitCount / 8
  // The first digit is the lowest byte. Shifted up, zeros come before it, and what is no digit leaves at the top.
  let padded = digits << UInt64(64 - 8 * count)
  // Two, four, then eight digits at once: no sum exceeds its lane (Lemire, "Quickly parsing eight digits", 2018).
  let pairs = padded &* 10 &+ (padded >> 8)
  let low = (pairs & 0x0000_00FF_0000_00FF) &* (100 + 1_000_000 << 32)
  let high = ((pairs >> 16) & 0x0000_00FF_0000_00FF) &* (1 + 10_000 << 32)
  return (count, (low &+ high) >> 32)
}

/// 10^0 … 10^8.
private let integerPowersOfTen: [UInt64] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]
