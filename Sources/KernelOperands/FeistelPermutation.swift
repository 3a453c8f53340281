/// The permutation behind `Events.Shuffle`, which has the formulas: eight rounds of a Feistel network.
///
/// A place is high · width + low, with high < height and low < width, both halves at most 2³¹.
public struct FeistelPermutation: Sendable {
  /// How many places are permuted.
  public let count: Int
  /// How many values the high half has.
  public let height: UInt32
  /// How many values the low half has.
  public let width: UInt32
  /// The keys of the rounds.
  public let keys: SIMD8<UInt32>

  /// The permutation of 0 ..< `count` with these keys of its rounds; height · width ≥ count.
  public init(count: Int, height: Int, width: Int, keys: SIMD8<UInt32>) {
    precondition(height > 0 && height <= 1 << 31 && width > 0 && width <= 1 << 31, "halves of a place")
    precondition(height * width >= count, "more places than \(height) × \(width)")
    self.count = count
    self.height = UInt32(height)
    self.width = UInt32(width)
    self.keys = keys
  }
}
