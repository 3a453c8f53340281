/// A type of numbers in a `.npy` file: float16, 32 and 64, integers of 8 to 64 bits with a sign or without, booleans.
struct NpyNumber: Sendable, Equatable {
  enum Kind: Sendable { case float, signed, unsigned }
  let kind: Kind
  /// Bytes per value.
  let size: Int
  let isBigEndian: Bool

  /// The types that are read, in words.
  static let known = "float16 to float64, integers and booleans"

  /// The type that numpy spells so: `<f4`; nil for one that is not read.
  init?(descr: String) {
    let bytes = Array(descr.utf8)
    guard bytes.count == 3, let size = Int(String(decoding: bytes[2...], as: UTF8.self)) else { return nil }
    switch (UInt8(ascii: "a") <= bytes[1] ? Unicode.Scalar(bytes[1]) : " ", size) {
    case ("f", 2), ("f", 4), ("f", 8): kind = .float
    case ("i", 1), ("i", 2), ("i", 4), ("i", 8): kind = .signed
    // A boolean is a byte, 0 or 1.
    case ("u", 1), ("u", 2), ("u", 4), ("u", 8), ("b", 1): kind = .unsigned
    default: return nil
    }
    switch Unicode.Scalar(bytes[0]) {
    case "<": isBigEndian = false
    case ">": isBigEndian = true
    case "|" where size == 1: isBigEndian = false
    default: return nil
    }
    self.size = size
  }

  /// Whether the bytes are float32 as they are in memory.
  var isNativeFloat: Bool { kind == .float && size == 4 && isBigEndian == (1.bigEndian == 1) }

  /// One number; its index counts `step` bytes each.
  func double(_ bytes: Span<UInt8>, at index: Int, step: Int) -> Double {
    var value = [0.0]
    var span = value.mutableSpan
    _ = convert(bytes.extracting(index * step..<index * step + size), step: size, count: 1, to: &span)
    return value[0]
  }
}

extension NpyNumber {
  /// Puts `count` numbers, which begin `step` bytes apart, rounded once to float32, into every `stride`th place of `values`. Returns
  /// whether all are finite as float32.
  func convert(
    _ bytes: Span<UInt8>, step: Int, count: Int, to values: inout MutableSpan<Float>, from start: Int, stride: Int
  ) -> Bool {
    let place = Place(step: step, count: count, start: start, stride: stride)
    switch (kind, size) {
    // What is packed has a loop of its own, with a step that the compiler knows: it becomes a vector loop.
    case (.float, 4) where step == 4: return convert(bytes, place.packed(4), &values) { Float(bitPattern: $0) }
    case (.float, 8) where step == 8:
      return convert(bytes, place.packed(8), &values) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case (.float, 2): return convert(bytes, place, &values) { float(half: $0) }
    case (.float, 4): return convert(bytes, place, &values) { Float(bitPattern: $0) }
    case (.float, _): return convert(bytes, place, &values) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case (.signed, 1): return convert(bytes, place, &values) { (bits: Int8) in Float(bits) }
    case (.signed, 2): return convert(bytes, place, &values) { (bits: Int16) in Float(bits) }
    case (.signed, 4): return convert(bytes, place, &values) { (bits: Int32) in Float(bits) }
    case (.signed, _): return convert(bytes, place, &values) { (bits: Int64) in Float(bits) }
    case (.unsigned, 1): return convert(bytes, place, &values) { (bits: UInt8) in Float(bits) }
    case (.unsigned, 2): return convert(bytes, place, &values) { (bits: UInt16) in Float(bits) }
    case (.unsigned, 4): return convert(bytes, place, &values) { (bits: UInt32) in Float(bits) }
    case (.unsigned, _): return convert(bytes, place, &values) { (bits: UInt64) in Float(bits) }
    }
  }

  /// Puts `count` numbers, which begin `step` bytes apart, rounded once to float64, into `values` from `start` on. Returns whether all
  /// are finite.
  func convert(
    _ bytes: Span<UInt8>, step: Int, count: Int, to values: inout MutableSpan<Double>, from start: Int = 0
  ) -> Bool {
    let place = Place(step: step, count: count, start: start, stride: 1)
    switch (kind, size) {
    case (.float, 4) where step == 4:
      return convert(bytes, place.packed(4), &values) { (bits: UInt32) in Double(Float(bitPattern: bits)) }
    case (.float, 8) where step == 8: return convert(bytes, place.packed(8), &values) { Double(bitPattern: $0) }
    case (.float, 2): return convert(bytes, place, &values) { Double(float(half: $0)) }
    case (.float, 4): return convert(bytes, place, &values) { (bits: UInt32) in Double(Float(bitPattern: bits)) }
    case (.float, _): return convert(bytes, place, &values) { Double(bitPattern: $0) }
    case (.signed, 1): return convert(bytes, place, &values) { (bits: Int8) in Double(bits) }
    case (.signed, 2): return convert(bytes, place, &values) { (bits: Int16) in Double(bits) }
    case (.signed, 4): return convert(bytes, place, &values) { (bits: Int32) in Double(bits) }
    case (.signed, _): return convert(bytes, place, &values) { (bits: Int64) in Double(bits) }
    case (.unsigned, 1): return convert(bytes, place, &values) { (bits: UInt8) in Double(bits) }
    case (.unsigned, 2): return convert(bytes, place, &values) { (bits: UInt16) in Double(bits) }
    case (.unsigned, 4): return convert(bytes, place, &values) { (bits: UInt32) in Double(bits) }
    case (.unsigned, _): return convert(bytes, place, &values) { (bits: UInt64) in Double(bits) }
    }
  }

  /// Puts `count` integers, which begin `step` bytes apart, into `values` from `start` on: those with a sign as two's complements.
  func convert(
    integers bytes: Span<UInt8>, step: Int, count: Int, to values: inout MutableSpan<UInt64>, from start: Int = 0
  ) {
    precondition(kind != .float)
    let place = Place(step: step, count: count, start: start, stride: 1)
    switch (kind, size) {
    case (.signed, 1): put(bytes, place, &values) { (bits: Int8) in UInt64(truncatingIfNeeded: bits) }
    case (.signed, 2): put(bytes, place, &values) { (bits: Int16) in UInt64(truncatingIfNeeded: bits) }
    case (.signed, 4): put(bytes, place, &values) { (bits: Int32) in UInt64(truncatingIfNeeded: bits) }
    case (_, 1): put(bytes, place, &values) { (bits: UInt8) in UInt64(bits) }
    case (_, 2): put(bytes, place, &values) { (bits: UInt16) in UInt64(bits) }
    case (_, 4): put(bytes, place, &values) { (bits: UInt32) in UInt64(bits) }
    default: put(bytes, place, &values) { (bits: UInt64) in bits }
    }
  }

  /// Where numbers are, and where they go.
  private struct Place {
    /// The bytes from the beginning of one to that of the next, and how many there are.
    var step: Int
    var count: Int
    /// Where the first goes, and how far from it the next.
    var start: Int
    var stride: Int

    /// The same with a step that the compiler knows.
    @inline(__always)
    func packed(_ step: Int) -> Place { Place(step: step, count: count, start: start, stride: stride) }
  }

  @inline(__always)
  private func convert<Bits: FixedWidthInteger>(
    _ bytes: Span<UInt8>, _ place: Place, _ values: inout MutableSpan<Float>, _ number: (Bits) -> Float
  ) -> Bool {
    var notFinite: UInt32 = 0
    put(bytes, place, &values) { (bits: Bits) in
      let value = number(bits)
      // Sets the highest bit if the exponent has all of its bits.
      notFinite |= (value.bitPattern & 0x7F80_0000) &+ 0x0080_0000
      return value
    }
    return notFinite >> 31 == 0
  }

  @inline(__always)
  private func convert<Bits: FixedWidthInteger>(
    _ bytes: Span<UInt8>, _ place: Place, _ values: inout MutableSpan<Double>, _ number: (Bits) -> Double
  ) -> Bool {
    var notFinite: UInt64 = 0
    put(bytes, place, &values) { (bits: Bits) in
      let value = number(bits)
      notFinite |= (value.bitPattern & 0x7FF0_0000_0000_0000) &+ 0x0010_0000_0000_0000
      return value
    }
    return notFinite >> 63 == 0
  }

  /// Puts what `value` makes of the bits of numbers into their places.
  @inline(__always)
  private func put<Bits: FixedWidthInteger, Value>(
    _ bytes: Span<UInt8>, _ place: Place, _ values: inout MutableSpan<Value>, _ value: (Bits) -> Value
  ) {
    let (step, count, start, stride) = (place.step, place.count, place.start, place.stride)
    let size = MemoryLayout<Bits>.size
    precondition(step >= size && (count == 0 || (count - 1) * step + size <= bytes.count))
    precondition(start >= 0 && stride > 0 && (count == 0 || start + (count - 1) * stride < values.count))
    // SAFETY: each load lies in the bytes, by the first line above, and asks for no alignment; each store in the values, by
    // the second.
    unsafe bytes.withUnsafeBytes { bytes in
      if isBigEndian {
        for index in 0..<count {
          let bits = unsafe bytes.loadUnaligned(fromByteOffset: index &* step, as: Bits.self)
          unsafe values[unchecked: start &+ index &* stride] = value(Bits(bigEndian: bits))
        }
      } else {
        for index in 0..<count {
          let bits = unsafe bytes.loadUnaligned(fromByteOffset: index &* step, as: Bits.self)
          unsafe values[unchecked: start &+ index &* stride] = value(Bits(littleEndian: bits))
        }
      }
    }
  }
}

/// The float32 that a float16 is, by its bits (IEEE 754 binary16).
@inline(__always)
private func float(half bits: UInt16) -> Float {
  let magnitude = UInt32(bits & 0x7FFF) << 13
  let sign = UInt32(bits & 0x8000) << 16
  // The exponents differ by 112; an infinity or NaN has all bits of its exponent; below 2^-14 the last bit is 2^-24.
  let normal = magnitude &+ (magnitude >= 0x0F80_0000 ? 0x7000_0000 : 0x3800_0000)
  let small = (Float(bits & 0x3FF) * 0x1p-24).bitPattern
  return Float(bitPattern: sign | (magnitude < 0x0080_0000 ? small : normal))
}
