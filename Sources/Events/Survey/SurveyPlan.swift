import Numerics

/// Which events a survey reads, and which of them it looks at closely: a function of the seed and of how many there are.
public struct SurveyPlan: Sendable {
  /// About how many events of a process are read, in chunks that are spread evenly; all, where there are no more.
  public var eventsRead: Int
  /// How many of these are looked at closely.
  public var sampleSize: Int
  public var seed: UInt64

  /// Of each of so many processes: four million, of which one CPU reads as many of 15 features in a second, and together no more than
  /// 33 million, which take 0.8 GB while copies are looked for.
  public static func defaultEventsRead(processes: Int) -> Int {
    min(1 << 22, max(1 << 16, (1 << 25) / max(1, processes)))
  }

  /// A sample of 16,384 shows what one event of a thousand has (16 ± 4 of them), and is sorted in a millisecond.
  public init(eventsRead: Int = 1 << 22, sampleSize: Int = 1 << 14, seed: UInt64 = 1) {
    (self.eventsRead, self.sampleSize, self.seed) = (max(1, eventsRead), max(1, sampleSize), seed)
  }

  /// The chunks to read, of `count` chunks of process number `process` with about so many events each: one by chance out of each of
  /// as many equal parts as are wanted.
  func chunks(of count: Int, process: Int) -> [Int] {
    let wanted = (eventsRead - 1) / EventChunk.size + 1
    guard count > wanted else { return Array(0..<count) }
    return picks(wanted, of: count, 0..<count, CounterRandom(seed: seed, stream: RandomStream.survey(process: process)))
  }

  /// The places within `range` that are looked at closely, of `count` events of process number `process` that are read.
  func sample(in range: Range<Int>, of count: Int, process: Int) -> [Int] {
    guard count > sampleSize else { return Array(range) }
    return picks(
      sampleSize, of: count, range, CounterRandom(seed: seed, stream: RandomStream.surveySample(process: process)))
  }

  /// Of `count` things `wanted` are picked, one out of each equal part; those that lie within `range`.
  private func picks(_ wanted: Int, of count: Int, _ range: Range<Int>, _ random: CounterRandom) -> [Int] {
    guard !range.isEmpty else { return [] }
    let start = { (part: Int) in Int((UInt64(part) * UInt64(count)) / UInt64(wanted)) }
    let first = Int(UInt64(range.lowerBound) * UInt64(wanted) / UInt64(count))
    let last = min(wanted - 1, Int(UInt64(range.upperBound - 1) * UInt64(wanted) / UInt64(count)) + 1)
    return (max(0, first - 1)...last).compactMap { part in
      let (low, high) = (start(part), start(part + 1))
      let place = low + Int(random.word(UInt64(part)) % UInt64(high - low))
      return range.contains(place) ? place : nil
    }
  }
}
