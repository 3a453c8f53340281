import Numerics

/// Which events a survey reads and which it samples: a function of the seed and of the number of events.
public struct SurveyPlan: Sendable {
  /// The approximate number of events read per process, in evenly spread chunks; all events if there are fewer.
  public var eventsRead: Int
  /// The number of events in the sample.
  public var sampleSize: Int
  public var seed: UInt64

  /// The default for each of `processes` processes: four million, which one CPU reads in a second (15 features), and at most 33 million in
  /// total, for which the search for copies takes 0.8 GB.
  public static func defaultEventsRead(processes: Int) -> Int {
    min(1 << 22, max(1 << 16, (1 << 25) / max(1, processes)))
  }

  /// A sample of 16,384 shows properties of one event in a thousand (16 ± 4 events), and is sorted in a millisecond.
  public init(eventsRead: Int = 1 << 22, sampleSize: Int = 1 << 14, seed: UInt64 = 1) {
    (self.eventsRead, self.sampleSize, self.seed) = (max(1, eventsRead), max(1, sampleSize), seed)
  }

  /// The chunks to read among the `count` chunks, of about equal size, of process `process`: one random chunk from each of as many equal
  /// parts as chunks are needed.
  func chunks(of count: Int, process: Int) -> [Int] {
    let wanted = (eventsRead - 1) / EventChunk.size + 1
    guard count > wanted else { return Array(0..<count) }
    return picks(wanted, of: count, 0..<count, CounterRandom(seed: seed, stream: RandomStream.survey(process: process)))
  }

  /// The positions of the sampled events within `range`, among the `count` events read of process `process`.
  func sample(in range: Range<Int>, of count: Int, process: Int) -> [Int] {
    guard count > sampleSize else { return Array(range) }
    return picks(
      sampleSize, of: count, range, CounterRandom(seed: seed, stream: RandomStream.surveySample(process: process)))
  }

  /// Picks `wanted` of `count` items, one from each equal part, and returns those within `range`.
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
