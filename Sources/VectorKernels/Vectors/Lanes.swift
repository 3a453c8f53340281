/// Eight float32, one AVX register: the vector that every kernel of elementary functions works on. Two such registers
/// at a time, as a `SIMD16` is under AVX2, were measured to be no faster: the processor overlaps the iterations.
typealias Lanes = SIMD8<Float>
/// The bits of `Lanes`, or one integer per lane.
typealias Words = SIMD8<Int32>
/// One truth value per lane, stored as all ones or all zeros.
typealias LaneMask = SIMDMask<Words>

// Masks have bitwise operators that are one instruction. Those of SIMD vectors, and their `replacing`, are loops over
// the lanes that the compiler turns into eight scalar steps next to a comparison: hence the casts here.
// Every cast is between types of the same 32 bytes for which every bit pattern is a value.

extension SIMD8 where Scalar == Float {
  /// The lanes that have these bits.
  @inline(__always) init(words: Words) {
    self = unsafe unsafeBitCast(words, to: Lanes.self)
  }

  /// The lanes whose bits are those of a mask.
  @inline(__always) private init(bits: LaneMask) {
    self = unsafe unsafeBitCast(bits, to: Lanes.self)
  }

  /// The bits of each lane.
  @inline(__always) var words: Words {
    unsafe unsafeBitCast(self, to: Words.self)
  }

  @inline(__always) private var bits: LaneMask {
    unsafe unsafeBitCast(self, to: LaneMask.self)
  }

  /// |x| in each lane, of a NaN too.
  @inline(__always) var magnitudes: Lanes {
    kept(where: Words(repeating: Int32.max))
  }

  /// Each lane, which must not be negative, with the sign of `other`.
  @inline(__always) func withSigns(of other: Lanes) -> Lanes {
    Lanes(bits: bits .| other.kept(where: Words(repeating: Int32.min)).bits)
  }

  /// Each lane where the mask is true, +0 elsewhere.
  @inline(__always) func kept(where mask: LaneMask) -> Lanes {
    Lanes(bits: bits .& mask)
  }

  @inline(__always) private func kept(where words: Words) -> Lanes {
    Lanes(bits: bits .& Lanes(words: words).bits)
  }
}

extension LaneMask {
  /// −1 where true, 0 where false.
  @inline(__always) var words: Words {
    unsafe unsafeBitCast(self, to: Words.self)
  }
}

/// Lane by lane `chosen` where the mask is true, else `other`.
@inline(__always) func select(_ mask: LaneMask, _ chosen: Lanes, _ other: Lanes) -> Lanes {
  Lanes(words: select(mask, chosen.words, other.words))
}

/// Lane by lane `chosen` where the mask is true, else `other`.
@inline(__always) func select(_ mask: LaneMask, _ chosen: Words, _ other: Words) -> Words {
  let chosenBits = unsafe unsafeBitCast(chosen, to: LaneMask.self)
  let otherBits = unsafe unsafeBitCast(other, to: LaneMask.self)
  return otherBits.replacing(with: chosenBits, where: mask).words
}

/// The eight floats at `pointer`.
@inline(__always) func load(_ pointer: UnsafePointer<Float>) -> Lanes {
  // The caller owns eight floats there; any bits are floats.
  unsafe UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
}

/// Writes eight floats at `pointer`.
@inline(__always) func store(_ lanes: Lanes, _ pointer: UnsafeMutablePointer<Float>) {
  // The caller owns eight floats there.
  unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
}
