import KernelOperands
import Kernels
import Numerics

/// A keyed permutation of 0 ..< count: the order in which the training events of an epoch are shown.
///
/// A pure function of (seed, epoch, index), so every rank computes only the part it needs and nothing is sent or
/// stored. It is a Feistel network on a rectangle of about √count × √count places that holds `count`, with cycle walking
/// (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002). Written so that it can be
/// rebuilt in any language:
///
///     a     = ⌈√count⌉;  b = ⌈count / a⌉
///     key_r = low 32 bits of word(r) of the stream shuffle(epoch) of `CounterRandom`, r = 0 … 7
///     f(x, k): x ^= k; x *= 0x9E3779B1; x ^= x >> 15; x *= 0x85EBCA77                                    (32 bits)
///     index = H · b + L;  r even: H = (H + ⌊f(L, key_r) · a / 2^32⌋) mod a;  r odd: L = (L + ⌊f(H, key_r) · b / 2^32⌋) mod b
///     repeat the eight rounds on the result while it is ≥ count.
///
/// Each round can be undone, so the rounds permute 0 ..< a · b; walking the cycle until it re-enters 0 ..< count keeps it a
/// permutation there. As a · b − count < a, one place in √count walks on: a power of two would have let up to half of them.
public struct Shuffle: Sendable {
  /// The number of events that are permuted: 0 … 2^62.
  public var count: Int { permutation.count }
  private let permutation: FeistelPermutation
  private let kernels = KernelSet.chosen

  /// The order of epoch number `epoch` of a run with this `seed`.
  public init(count: Int, seed: UInt64, epoch: Int) {
    precondition(count >= 0 && count <= 1 << 62, "a permutation of \(count) events")
    // ⌈√count⌉: the square root of a double may be off by one.
    var height = max(1, Int(Double(count).squareRoot()))
    while height * height < count { height += 1 }
    while height > 1 && (height - 1) * (height - 1) >= count { height -= 1 }
    let random = CounterRandom(seed: seed, stream: RandomStream.shuffle(epoch: epoch))
    var keys = SIMD8<UInt32>()
    for round in 0..<8 { keys[round] = UInt32(truncatingIfNeeded: random.word(UInt64(round))) }
    permutation = FeistelPermutation(
      count: count, height: height, width: max(1, (count + height - 1) / height), keys: keys)
  }

  /// The training event that is shown at place `index` of the epoch, 0 ≤ index < count.
  public subscript(index: Int) -> Int {
    precondition(index >= 0 && index < count, "place \(index) of \(count)")
    var row = 0
    unsafe kernels.findImages(permutation, of: index..<index + 1, into: &row)  // One place, one image.
    return row
  }

  /// The training events shown at `places`, all at once: rows[i] is that of places.lowerBound + i.
  public func rows(at places: Range<Int>, into rows: inout MutableSpan<Int>) {
    precondition(places.lowerBound >= 0 && places.upperBound <= count && rows.count >= places.count, "places \(places)")
    // As many rows as places, checked above.
    unsafe rows.withUnsafeMutableBufferPointer { rows in
      if let start = rows.baseAddress { unsafe kernels.findImages(permutation, of: places, into: start) }
    }
  }
}
