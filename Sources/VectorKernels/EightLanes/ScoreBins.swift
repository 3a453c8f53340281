/// bins[column · binStride + row] ← which of 2¹⁶ bins the probability of class `column` falls into, for the first `columns` classes.
///
/// The bins get finer towards both ends, where classifiers put their scores: up to ½ a bin is a 2⁹th of a factor of two of p,
/// beyond it of 1 − p, down to 2⁻⁶⁵. In the log-odds ln(p / (1 − p)) a bin is 0.003 wide at most. The bin number never
/// decreases as the probability increases. p and 1 − p are those of `EventShares`, so that bins next to 1 are as exact as those
/// next to 0. With a NaN logit the bin is arbitrary.
///
/// - Parameters:
///   - rows: Events. `logits` and each column of bins are padded to a multiple of 8 rows.
///   - logits: [row][stride], `classes` of them in a row.
///   - columns: 1 to `classes`.
public func findScoreBins(
  rows: Int, classes: Int, columns: Int, logits: UnsafePointer<Float>, stride: Int,
  bins: UnsafeMutablePointer<UInt16>, binStride: Int
) {
  for row in Swift.stride(from: 0, to: rows, by: 8) {
    // The caller owns the padded rows of both arrays.
    let ofRow = unsafe logits + row * stride
    let shares = unsafe EventShares(logits: ofRow, classes: classes, stride: stride)
    // Below 1, the others have less than half of the sum.
    let hasMajority = shares.others .< 1
    unsafe forEachClass(of: ofRow, classes: columns, stride: stride) { logit, index in
      let share = shares.share(logit)
      let isUpper = (shares.best .== Words(repeating: index)) .& hasMajority
      let bin = scoreBin(select(isUpper, shares.others * shares.reciprocal, share), isUpper: isUpper)
      unsafe store(bin, bins + Int(index) * binStride + row)
    }
  }
}

/// bins[row] ← the bin of the first class's probability, as `findScoreBins` has it for the logits (z, 0).
public func findBinaryScoreBins(
  rows: Int, logits: UnsafePointer<Float>, stride: Int, bins: UnsafeMutablePointer<UInt16>
) {
  for row in Swift.stride(from: 0, to: rows, by: 8) {
    // The caller owns the padded rows of both arrays.
    let logit = unsafe ClassQuad(at: logits + row * stride, stride: stride).first
    let bin = scoreBin(BinaryShares(logit).smaller, isUpper: logit .> 0)
    unsafe store(bin, bins + row)
  }
}

/// The bin of p ≤ ½, or of 1 − p ≤ ½ where `isUpper`.
@inline(__always) private func scoreBin(_ smaller: Lanes, isUpper: LaneMask) -> Words {
  // Exponent and nine bits of the significand; those of ½ become 2¹⁵ − 1.
  let place = (smaller.words &>> 14) &- Words(repeating: 64512 - 32767)
  let low = select(place .< Words(), Words(), place)
  let bounded = select(low .> Words(repeating: 32767), Words(repeating: 32767), low)
  return select(isUpper, Words(repeating: 65535) &- bounded, bounded)
}

/// Writes eight numbers below 2¹⁶ at `pointer`.
@inline(__always) private func store(_ words: Words, _ pointer: UnsafeMutablePointer<UInt16>) {
  // The caller owns eight numbers there.
  unsafe UnsafeMutableRawPointer(pointer).storeBytes(
    of: SIMD8<UInt16>(truncatingIfNeeded: words), as: SIMD8<UInt16>.self)
}
