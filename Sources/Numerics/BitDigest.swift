import Machine

/// A digest of numbers with which ranks check that theirs are the same bits: fast, but not cryptographic.
///
/// Eight lanes take the 64-bit words in turn, each by `lane = rotate(lane ^ word, 29) × M`, with M = 0x9E37_79B9_7F4A_7C15,
/// which is odd, so each step can be undone: a single word that differs always changes the digest; several do, except
/// with a probability of about 2⁻⁶⁴. Without the rotation the highest bits of a word would reach no others: two flips of bit 63 in
/// words that follow each other in a lane would cancel. Eight independent products a turn keep a core at some 10 GB/s; SHA-256
/// comes to 0.2.
public struct BitDigest {
  private var lanes = InlineArray<8, UInt64> { UInt64($0) &+ 1 }

  public init() {}

  private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

  @inline(__always)
  private static func next(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = lane ^ word
    return (mixed << 29 | mixed >> 35) &* factor
  }

  /// Takes in numbers as they are in memory, and how many there are.
  public mutating func update<Value: BitwiseCopyable>(_ values: Span<Value>) {
    unsafe values.withUnsafeBytes { unsafe update($0) }  // Only for numbers, which have no padding.
    lanes[0] = Self.next(lanes[0], UInt64(values.count))
  }

  private mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let turns = bytes.count / 64
    var lanes = lanes
    for turn in 0..<turns {
      for lane in 0..<8 {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: turn &* 64 &+ lane &* 8, as: UInt64.self)
        lanes[lane] = Self.next(lanes[lane], word)
      }
    }
    for place in turns * 64..<bytes.count {
      lanes[place & 7] = Self.next(lanes[place & 7], unsafe UInt64(bytes[place]))
    }
    self.lanes = lanes
  }

  /// The digest of 64 bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    // The products leave the low bits poorer than the high ones.
    for lane in lanes.indices { bytes.append(bytesOf: [lanes[lane] ^ lanes[lane] >> 32]) }
    return bytes
  }
}
