/// How well the probabilities of a class are probabilities: in bins of it, the mean probability beside the part of the events that
/// are of the class, with the monitor weights, by which the network was trained.
package struct Calibration: Equatable, Sendable {
  package struct Bin: Equatable, Sendable, Encodable {
    /// Mean probability, Σvp / Σv.
    package var predicted: Double
    /// Part of the class, Σ_k v / Σv, and its standard deviation if the probabilities are right, √Σv²(1_k − p)² / Σv.
    package var observed: Double
    package var error: Double
    package var events: Int
  }

  /// Of about equal effective numbers of events, from the smallest probability up.
  package let bins: [Bin]

  private static let mostBins = 10

  /// Σ (observed − predicted)² / error² over the bins, whose expectation is their number if the probabilities are right.
  package var chiSquared: Double {
    bins.map { bin in
      let pull = (bin.observed - bin.predicted) / bin.error
      return pull * pull
    }.compensatedSum
  }

  /// Of class number `index`, whose probabilities are ranked.
  init(ofClass index: Int, _ ranked: RankedScores, _ events: ScoredEvents) {
    let weights = events.monitorWeights
    func effective(_ sum: Double, _ squares: Double) -> Double { sum > 0 ? sum * sum / squares : 0 }
    let all = effective(
      weights.lazy.map(Double.init).compensatedSum, weights.lazy.map { Double($0) * Double($0) }.compensatedSum)
    let enough = all / Double(Self.mostBins)
    var bins: [Bin] = []
    var (count, sum, squares) = (0, CompensatedSum(), CompensatedSum())
    var (own, predicted, variance) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
    func close() {
      let error = variance.value.squareRoot() / sum.value
      if sum.value > 0, error > 0 {
        bins.append(
          Bin(
            predicted: predicted.value / sum.value, observed: own.value / sum.value, error: error, events: count))
      }
      (count, sum, squares) = (0, CompensatedSum(), CompensatedSum())
      (own, predicted, variance) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
    }
    for place in ranked.order.indices.reversed() {
      let event = Int(ranked.order[place])
      let (weight, probability) = (Double(weights[event]), Double(ranked.scores[event]))
      let isOwn = events.classes[event] == index ? 1.0 : 0
      count += 1
      sum += weight
      squares += weight * weight
      own += weight * isOwn
      predicted += weight * probability
      variance += weight * weight * (isOwn - probability) * (isOwn - probability)
      let isLastOfScore = place == 0 || ranked.scores[Int(ranked.order[place - 1])] != ranked.scores[event]
      if isLastOfScore, effective(sum.value, squares.value) >= enough { close() }
    }
    if count > 0 { close() }
    self.bins = bins
  }
}

extension Calibration: Encodable {
  private enum CodingKeys: String, CodingKey {
    case bins
    case chiSquared = "chi2"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(bins, forKey: .bins)
    try container.encode(chiSquared.isFinite ? chiSquared : nil, forKey: .chiSquared)
  }
}
