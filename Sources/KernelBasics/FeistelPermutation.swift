/// The rounds of `Events.Shuffle`, eight places at a time: a lone place would wait for one multiplication after the other.
///
/// The permutation of 0 ..< count is that of an unbalanced Feistel network of eight rounds on `highBits` + `lowBits` bits,
/// each at most 31, walked until it re-enters 0 ..< count; `Shuffle` has the formulas.
public struct FeistelPermutation: Sendable {
  /// One word per lane.
  private typealias Half = SIMD8<UInt32>
  private typealias Words = SIMD8<Int32>

  /// How many places are permuted.
  public let count: Int
  private let highBits: UInt32
  private let lowBits: UInt32
  private let keys: SIMD8<UInt32>

  /// The permutation of 0 ..< `count` with these keys of its rounds.
  public init(count: Int, highBits: Int, lowBits: Int, keys: SIMD8<UInt32>) {
    precondition(highBits <= 31 && lowBits <= 31, "halves of a place")
    self.count = count
    self.highBits = UInt32(highBits)
    self.lowBits = UInt32(lowBits)
    self.keys = keys
  }

  /// images[i] ← the image of places.lowerBound + i, for every place; places lie in 0 ..< count.
  public func images(of places: Range<Int>, into images: UnsafeMutablePointer<Int>) {
    let shift = Int(lowBits)
    let highMask = Half(repeating: (1 &<< highBits) &- 1)
    let lowMask = Half(repeating: (1 &<< lowBits) &- 1)
    let countHigh = Words(repeating: Int32(truncatingIfNeeded: count &>> shift))
    let countLow = Words(repeating: Int32(truncatingIfNeeded: count & ((1 &<< shift) &- 1)))
    for first in stride(from: places.lowerBound, to: places.upperBound, by: 8) {
      var high = Half()
      var low = Half()
      for lane in 0..<8 {
        // Lanes beyond the end repeat the last place: a walk from outside 0 ..< count might never come in.
        let place = min(first &+ lane, places.upperBound &- 1)
        high[lane] = UInt32(truncatingIfNeeded: place &>> shift)
        low[lane] = UInt32(truncatingIfNeeded: place) & lowMask[0]
      }
      var walks = Words(repeating: -1)
      while true {
        var newHigh = high
        var newLow = low
        rounds(&newHigh, &newLow, highMask, lowMask)
        // Lanes that have arrived stay.
        let moves = Half(truncatingIfNeeded: walks)
        high = (newHigh & moves) | (high & ~moves)
        low = (newLow & moves) | (low & ~moves)
        // Halves have 31 bits at most, so they compare as signed numbers do.
        let h = Words(truncatingIfNeeded: high)
        let l = Words(truncatingIfNeeded: low)
        walks = unsafe unsafeBitCast((h .> countHigh) .| ((h .== countHigh) .& (l .>= countLow)), to: Words.self)
        if walks == Words() { break }
      }
      for lane in 0..<min(8, places.upperBound &- first) {
        // The caller owns an image for every place.
        unsafe images[first &- places.lowerBound &+ lane] = Int(high[lane]) &<< shift | Int(low[lane])
      }
    }
  }

  @inline(__always)
  private func rounds(_ high: inout Half, _ low: inout Half, _ highMask: Half, _ lowMask: Half) {
    for round in Swift.stride(from: 0, to: 8, by: 2) {
      high ^= scramble(low, keys[round]) & highMask
      low ^= scramble(high, keys[round + 1]) & lowMask
    }
  }

  @inline(__always)
  private func scramble(_ half: Half, _ key: UInt32) -> Half {
    var x = (half ^ Half(repeating: key)) &* Half(repeating: 0x9E37_79B1)
    x = (x ^ (x &>> 15)) &* Half(repeating: 0x85EB_CA77)
    x = (x ^ (x &>> 13)) &* Half(repeating: 0xC2B2_AE3D)
    return x ^ (x &>> 16)
  }
}
