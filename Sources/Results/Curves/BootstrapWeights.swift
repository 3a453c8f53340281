import Numerics

/// How often an event counts in each replica of a sample: Poisson numbers of mean 1, a function of the event's identity alone, so
/// that an event counts equally often wherever and with whatever others it is evaluated.
///
/// 16 bits of the event's stream make each of them, by a table whose mean and variance are exactly 1; its probabilities are within
/// 6 · 10⁻⁵ of Poisson's, and 9 and more do not occur (1.1 · 10⁻⁶).
package struct BootstrapWeights: Sendable {
  package let replicas: Int
  private let random: CounterRandom

  /// Of 65,536 numbers, those below each of these are 0, 0 or 1, and so on.
  private static let thresholds: [UInt16] = [24107, 48220, 60275, 64292, 65296, 65497, 65530, 65535]

  package init(replicas: Int, seed: UInt64) {
    self.replicas = replicas
    random = CounterRandom(seed: seed, stream: RandomStream.bootstrap)
  }

  /// Writes the numbers of the event of this identity for `range` of the replicas, a multiple of 4 or up to the last.
  package func write(ofEvent identity: UInt64, _ range: Range<Int>, to numbers: inout MutableSpan<Double>) {
    let stream = CounterRandom(key: random.word(identity))
    var word: UInt64 = 0
    for (place, replica) in range.enumerated() {
      if place % 4 == 0 { word = stream.word(UInt64(replica / 4)) }
      let bits = UInt16(truncatingIfNeeded: word)
      word >>= 16
      var number = 0
      for threshold in 0..<8 { number &+= bits >= Self.thresholds[threshold] ? 1 : 0 }
      numbers[place] = Double(number)
    }
  }
}
