public import KernelOperands

/// values[row][unit] ← values[row][unit] · mask.scale where the mask keeps the unit of the row's event, else +0.
///
/// `values` is (rows, stride), `stride` a multiple of 8; padding columns are treated like units. Integer operations lane by lane:
/// an event's mask depends on its place and on the unit's number alone.
///
/// With `slopes`, which are laid out like the values, those become slopes · mask.scale or +0 with the same mask.
public func dropOut(
  _ mask: DropoutMask, rows: Int, stride: Int, values: UnsafeMutablePointer<Float>,
  slopes: UnsafeMutablePointer<Float>?
) {
  if let slopes = unsafe slopes {
    mask.forEach(rows: rows, stride: stride) { place, keeps in
      unsafe mask.apply(keeps, values + place)
      unsafe mask.apply(keeps, slopes + place)
    }
  } else {
    mask.forEach(rows: rows, stride: stride) { place, keeps in unsafe mask.apply(keeps, values + place) }
  }
}

/// One unit's hash in each lane: a register of AVX-512, two of AVX2.
private typealias Hashes = SIMD16<UInt32>
private typealias HalfHashes = SIMD8<UInt32>

extension DropoutMask {
  /// Calls `body` for every eight values of (rows, stride) with their place and whether each is kept.
  @inline(__always)
  fileprivate func forEach(rows: Int, stride: Int, _ body: (_ place: Int, _ keeps: LaneMask) -> Void) {
    let step: UInt32 = 0x9E37_79B9
    let ramp =
      Hashes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) &* Hashes(repeating: step)
    // Signed comparison of both with their highest bits flipped: AVX2 has no unsigned one.
    let flip: UInt32 = 1 &<< 31
    let limit = Words(repeating: Int32(bitPattern: threshold ^ flip))
    func keeps(_ hashes: HalfHashes) -> LaneMask {
      // A plain cast of as many bits.
      unsafe unsafeBitCast(hashes ^ HalfHashes(repeating: flip), to: Words.self) .>= limit
    }
    var place = 0
    for row in 0..<rows {
      let key = key(ofRow: row)
      let low = UInt32(truncatingIfNeeded: key)
      let high = UInt32(truncatingIfNeeded: key &>> 32)
      var counter = ramp &+ Hashes(repeating: low)
      let end = place &+ stride
      while place &+ 16 <= end {
        var hash = (counter ^ (counter &>> 16)) &* Hashes(repeating: 0x21F0_AAAD)
        hash = hash ^ Hashes(repeating: high)
        hash = (hash ^ (hash &>> 15)) &* Hashes(repeating: 0x735A_2D97)
        body(place, keeps(hash.lowHalf))
        body(place &+ 8, keeps(hash.highHalf))
        counter = counter &+ Hashes(repeating: step &* 16)
        place &+= 16
      }
      if place < end {
        let last = counter.lowHalf
        var hash = (last ^ (last &>> 16)) &* HalfHashes(repeating: 0x21F0_AAAD)
        hash = hash ^ HalfHashes(repeating: high)
        hash = (hash ^ (hash &>> 15)) &* HalfHashes(repeating: 0x735A_2D97)
        body(place, keeps(hash))
        place &+= 8
      }
    }
  }

  /// Eight values times the scale where kept, else +0.
  @inline(__always) fileprivate func apply(_ keeps: LaneMask, _ values: UnsafeMutablePointer<Float>) {
    // The caller owns eight floats there.
    unsafe store((load(values) * Lanes(repeating: scale)).kept(where: keeps), values)
  }
}
