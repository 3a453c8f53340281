import Machine
import MPI
import NeuralNetwork
import Results

extension RecordedScores {
  /// Up to this many events over all ranks, every rank gathers all events and sums them itself. Beyond, the ranks sum their own
  /// events and exchange the sums: a megabyte a column, whatever the number of events.
  private static let mostGathered = 1 << 16

  /// How well these scores rank the events, with those of the other ranks `events` in all: the same bits on any number of ranks, as
  /// all sums are exact. `histogram` is scratch: to make a new one each time would cost half of all this.
  /// - Collective: every rank of the communicator calls it.
  func ranking(
    events: Int, _ histogram: inout ScoreHistogram, _ communicator: borrowing Communicator
  ) throws -> Ranking {
    let range = try weightRange(communicator)
    histogram.prepare(events: events, largest: range.largest, hasNegative: range.hasNegative)
    var ranking = Ranking(areas: [], bounds: [])
    func take() {
      let area = histogram.area
      ranking.areas.append(area.value)
      ranking.bounds.append(area.bound)
      histogram.clear()
    }
    if communicator.size > 1 && events <= Self.mostGathered {
      let all = try gathered(communicator)
      for column in 0..<columns {
        for part in all { part.add(column: column, to: &histogram) }
        take()
      }
    } else {
      for column in 0..<columns {
        withEvents { labels, weights in
          withBins(ofColumn: column) { histogram.add($0, labels, weights, ofClass: column) }
        }
        if communicator.size > 1 {
          try histogram.withSums { sums in try communicator.sumInPlace(&sums) }
        }
        take()
      }
    }
    return ranking
  }

  /// The largest weight of an event on any rank, in magnitude, and whether one is negative.
  private func weightRange(
    _ communicator: borrowing Communicator
  ) throws -> (largest: Float, hasNegative: Bool) {
    var (lowest, highest): (Float, Float) = (0, 0)
    withEvents { _, weights in
      for event in weights.indices {
        lowest = min(lowest, weights[event])
        highest = max(highest, weights[event])
      }
    }
    for range in try communicator.gather(bytesOf: SIMD2(lowest, highest)) {
      lowest = min(lowest, range.x)
      highest = max(highest, range.y)
    }
    return (max(-lowest, highest), lowest < 0)
  }

  /// The events of one rank.
  private struct Part {
    let labels: [Int32]
    let weights: [Float]
    let allBins: [UInt16]

    func add(column: Int, to histogram: inout ScoreHistogram) {
      let places = column * labels.count..<(column + 1) * labels.count
      histogram.add(allBins.span.extracting(places), labels.span, weights.span, ofClass: column)
    }
  }

  /// The events of all ranks.
  /// - Collective: every rank of the communicator calls it.
  private func gathered(_ communicator: borrowing Communicator) throws -> [Part] {
    var bytes: [UInt8] = []
    withEvents { labels, weights in
      bytes.append(bytesOf: labels.indices.map { labels[$0] })
      bytes.append(bytesOf: weights.indices.map { weights[$0] })
    }
    for column in 0..<columns {
      withBins(ofColumn: column) { bins in bytes.append(bytesOf: bins.indices.map { bins[$0] }) }
    }
    return try communicator.allGather(bytes).map { bytes in
      let count = bytes.count / (8 + 2 * columns)
      return Part(
        labels: [Int32](littleEndian: bytes[..<(4 * count)]),
        weights: [Float](littleEndian: bytes[(4 * count)..<(8 * count)]),
        allBins: [UInt16](littleEndian: bytes[(8 * count)...]))
    }
  }
}

extension Statistics {
  /// What an evaluation returns if a loss is not finite.
  mutating func becomeUndefined() {
    (loss, unweightedLoss) = (.nan, .nan)
    (weight, correctWeight) = (.nan, .nan)
    if let count = ranking?.areas.count {
      ranking = Ranking(
        areas: Array(repeating: .nan, count: count), bounds: Array(repeating: .nan, count: count))
    }
  }
}
