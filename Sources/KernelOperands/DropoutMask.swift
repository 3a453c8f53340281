/// Which units of a layer are dropped for the events of a block: a function of a key and of the event's place in the epoch's order.
///
/// Event number `place` has the 64-bit key of `CounterRandom`'s word number `place` of the stream `stream`; its low half is a, its
/// high half b. Unit u of the event is kept if h(u) ≥ `threshold` (all modulo 2³²):
///
///     h = a + u · 0x9E3779B9
///     h = (h ^ (h >> 16)) · 0x21F0AAAD
///     h = h ^ b
///     h = (h ^ (h >> 15)) · 0x735A2D97
///
/// The multipliers are those of a hash that was found by search for the least bias (C. Wellons, hash-prospector, 2018 to 2023).
public struct DropoutMask: Equatable, Sendable {
  /// The key of the stream.
  public var stream: UInt64
  /// The place of the block's first event in the epoch's order.
  public var firstPlace: UInt64
  /// A unit is left out with the probability threshold / 2³².
  public var threshold: UInt32
  /// What is kept is multiplied by this: 1 / (1 − probability).
  public var scale: Float

  public init(stream: UInt64, firstPlace: UInt64, threshold: UInt32, scale: Float) {
    self.stream = stream
    self.firstPlace = firstPlace
    self.threshold = threshold
    self.scale = scale
  }

  /// The key of the event in this row of the block.
  @inlinable @inline(__always) public func key(ofRow row: Int) -> UInt64 {
    // As in CounterRandom, which the kernels cannot import.
    var z = stream &+ 0x9E37_79B9_7F4A_7C15 &* (firstPlace &+ UInt64(truncatingIfNeeded: row) &+ 1)
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }
}
