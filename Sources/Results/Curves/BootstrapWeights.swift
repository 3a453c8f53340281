import Numerics

/// How often an event counts in each replica of a sample: Poisson numbers of mean 1, a function of the event's identity alone, so
/// that an event counts equally often wherever and with whatever others it is evaluated.
///
/// 16 bits of the event's stream make each of them, by a table whose mean and variance are exactly 1; its probabilities are within
/// 6 · 10⁻⁵ of Poisson's, and 9 and more do not occur (1.1 · 10⁻⁶).
package struct BootstrapWeights: Sendable {
  package let replicas: Int
  private let random: CounterRandom

  /// Of 65,536 numbers, this many are 0, 1, 2 and so on.
  private static let counts = [24107, 24113, 12055, 4017, 1004, 201, 33, 5, 1]
  /// For each 16 bits, the number that they make.
  private let table: [UInt8]
  /// Samples of more events than this have no replicas: a million events of four classes take some seconds, and their errors are small.
  static let mostEvents = 1_000_000

  package init(replicas: Int, seed: UInt64) {
    self.replicas = replicas
    table = Self.counts.enumerated().flatMap { Array(repeating: UInt8($0), count: $1) }
    random = CounterRandom(seed: seed, stream: RandomStream.bootstrap)
  }

  /// None for a sample that is too large.
  func ofSample(events: Int) -> BootstrapWeights {
    events <= Self.mostEvents ? self : BootstrapWeights(replicas: 0, seed: 0)
  }

  /// Writes the numbers of the event of this identity for `range` of the replicas, which begins at a multiple of 4. `numbers` has room for
  /// all of them, rounded up to a multiple of 4.
  package func write(ofEvent identity: UInt64, _ range: Range<Int>, to numbers: inout MutableSpan<Double>) {
    precondition(range.lowerBound % 4 == 0 && numbers.count >= (range.count + 3) & ~3, "\(numbers.count) numbers")
    let stream = CounterRandom(key: random.word(identity))
    let table = table.span
    var (counter, place) = (UInt64(range.lowerBound / 4), 0)
    while place < range.count {
      var word = stream.word(counter)
      for lane in 0..<4 {
        numbers[place &+ lane] = Double(table[Int(word & 0xFFFF)])
        word &>>= 16
      }
      (counter, place) = (counter &+ 1, place &+ 4)
    }
  }
}
