/// Events by falling score: sorted once, and then walked through for every metric.
package struct RankedScores: Sendable {
  /// A score for each event, none of them NaN.
  package let scores: [Float]
  /// The events from the largest score down; those of the same score in their own order.
  package let order: [UInt32]

  /// - Precondition: fewer than 2³² scores, none of them NaN.
  package init(_ scores: [Float]) {
    self.scores = scores
    order = Self.order(scores.span)
  }

  package var count: Int { scores.count }

  /// An order of unsigned integers that is the falling order of the scores; −0 is 0.
  @inline(__always)
  private static func key(_ score: Float) -> UInt32 {
    let bits = (score + 0).bitPattern
    return bits >> 31 == 0 ? ~(bits | 0x8000_0000) : bits
  }

  /// A radix sort from the lowest digit up, in three passes over eleven bits: stable, and for a million events ten times as fast as
  /// a sort that compares them.
  private static func order(_ scores: Span<Float>) -> [UInt32] {
    let (digits, buckets) = (3, 1 << 11)
    var counts = [Int](repeating: 0, count: digits * buckets)
    var items = [UInt64](repeating: 0, count: scores.count)
    for event in scores.indices {
      let key = key(scores[event])
      items[event] = UInt64(key) << 32 | UInt64(event)
      for digit in 0..<digits { counts[digit * buckets + Int(key >> (11 * UInt32(digit))) & (buckets - 1)] += 1 }
    }
    var sorted = items
    for digit in 0..<digits {
      let first = digit * buckets
      // Scores of one exponent have the same highest digit.
      guard !counts[first..<first + buckets].contains(scores.count) else { continue }
      var place = 0
      for bucket in first..<first + buckets {
        let count = counts[bucket]
        counts[bucket] = place
        place += count
      }
      let shift = UInt64(32 + 11 * digit)
      for item in items {
        let bucket = first + Int(truncatingIfNeeded: item >> shift) & (buckets - 1)
        sorted[counts[bucket]] = item
        counts[bucket] += 1
      }
      swap(&items, &sorted)
    }
    return items.map { UInt32(truncatingIfNeeded: $0) }
  }
}
