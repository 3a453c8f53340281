import Machine
import Numerics

/// How far the distributions of a score in two samples are apart: the largest distance of their cumulative distributions, with weights.
package struct KolmogorovSmirnov: Equatable, Sendable {
  /// Of the events by falling score; between 0 and 1 where no weight is negative.
  package let distance: Double
  /// The part of the permutations of events among the samples whose distance is at least this one, (1 + their number) / (1 + permutations):
  /// right for signed weights too, for which the asymptotic formula is not. nil where there were none.
  package let probability: Double?

  private static let permutations = 500
  /// So many events are permuted in some seconds.
  private static let mostPermuted = 1_000_000

  /// Of two samples, each a score and a weight for its events.
  package init(
    _ first: (scores: [Float], weights: [Double]), _ second: (scores: [Float], weights: [Double]), seed: UInt64
  ) {
    let ranked = RankedScores(first.scores + second.scores)
    let weights = first.weights + second.weights
    // Events by falling score, and whether each is in the first sample.
    let sorted = ranked.order.map { weights[Int($0)] }
    let ends = ranked.order.indices.map { place in
      place + 1 == ranked.count
        || ranked.scores[Int(ranked.order[place])] != ranked.scores[Int(ranked.order[place + 1])]
    }
    @Sendable func distance(_ isFirst: [Bool]) -> Double {
      var sums = (CompensatedSum(), CompensatedSum())
      for place in sorted.indices { if isFirst[place] { sums.0 += sorted[place] } else { sums.1 += sorted[place] } }
      let (a, b) = (sums.0.value, sums.1.value)
      guard a > 0, b > 0 else { return .nan }
      var (difference, largest) = (0.0, 0.0)
      for place in sorted.indices {
        difference += isFirst[place] ? sorted[place] / a : -sorted[place] / b
        if ends[place] { largest = max(largest, difference.magnitude) }
      }
      return largest
    }
    let own = distance(ranked.order.map { $0 < first.scores.count })
    self.distance = own
    guard own.isFinite, ranked.count <= Self.mostPermuted else {
      probability = nil
      return
    }
    let larger = concurrentMap(Self.permutations) { permutation -> Int in
      let random = CounterRandom(seed: seed, stream: RandomStream.permutation(permutation))
      var isFirst = [Bool](repeating: false, count: sorted.count)
      // Knuth's selection sampling: each choice of as many events is equally likely.
      var left = first.scores.count
      for place in isFirst.indices where random.uniform(UInt64(place)) * Double(sorted.count - place) < Double(left) {
        isFirst[place] = true
        left -= 1
      }
      // Sums of other events round otherwise.
      return distance(isFirst) >= own * (1 - 1e-12) ? 1 : 0
    }.reduce(0, +)
    probability = Double(1 + larger) / Double(1 + Self.permutations)
  }
}

extension KolmogorovSmirnov: Encodable {
  private enum CodingKeys: String, CodingKey {
    case distance
    case probability = "p"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(distance.isFinite ? distance : nil, forKey: .distance)
    try container.encode(probability, forKey: .probability)
  }
}
