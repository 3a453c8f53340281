import Numerics
import Results
import Testing

/// Discriminant, bins, significance, distances of distributions.
@Suite struct SampleTests {
  @Test func theDiscriminantIsALikelihoodRatio() {
    let one = Discriminant(signal: [0], expected: [1, 30, 10], training: [2, 2, 2])
    #expect(one.factors == [1, 0.75, 0.25] && one.background == [1, 2])
    #expect(one.value([0.5, 0.4, 0.1]) == Float(0.430_782_916_092_454_3))  // ln(0.5 / 0.325)
    // Two signals are mixed as expected; what is not expected does not count, and a group without any counts evenly.
    let two = Discriminant(signal: [0, 2], expected: [1, 5, 3], training: [1, 1, 1])
    #expect(two.factors == [0.25, 1, 0.75])
    #expect(Discriminant(signal: [0], expected: [1, -2, 4], training: [1, 1, 1]).factors == [1, 0, 1])
    #expect(Discriminant(signal: [0], expected: [0, 0, 0], training: [1, 1, 1]).factors == [1, 0.5, 0.5])
    #expect(one.value([1, 0, 0]).isFinite && one.value([0, 1, 0]).isFinite)
  }

  @Test func asimovSignificances() {
    // arXiv:1007.1727, section 4, in 50 digits.
    #expect(abs(Significance.asimov(signal: 10, background: 100) - 0.983_991_644_756_940_6) < 1e-14)
    #expect(abs(Significance.asimov(signal: 5, background: 0.5) - 4.046_831_847_356_902) < 1e-14)
    // For a small signal s / √b and s / √(b + σ²).
    #expect(abs(Significance.asimov(signal: 1e-9, background: 4) / 5e-10 - 1) < 1e-9)
    #expect(
      abs(Significance.asimov(signal: 1e-9, background: 4, uncertainty: 2) / (1e-9 / 8.0.squareRoot()) - 1) < 1e-9)
    // An uncertainty that vanishes changes nothing.
    let known = Significance.asimov(signal: 3, background: 7)
    #expect(abs(Significance.asimov(signal: 3, background: 7, uncertainty: 1e-9) / known - 1) < 1e-12)
    #expect(Significance.asimov(signal: 3, background: 7, uncertainty: 2) < known)
    #expect(Significance.asimov(signal: -1, background: 2) == 0 && Significance.asimov(signal: 1, background: 0).isNaN)
    #expect(Significance.ams(signal: 3, background: 0) == Significance.asimov(signal: 3, background: 10))
    #expect(Significance.combined([3, 4]) == 5)
  }

  /// Events of two classes whose discriminant is that of these probabilities.
  private func events(_ probabilities: [Float], _ classes: [Int32], _ weights: [Double]) -> ScoredEvents {
    ScoredEvents(
      probabilities: [probabilities, probabilities.map { 1 - $0 }], classes: classes, weights: weights,
      monitorWeights: weights.map { Float($0) }, identities: weights.indices.map { UInt64($0) })
  }

  @Test func binsHoldTheirFloors() {
    let floors = DiscriminantBins.Floors(background: 0, effectiveEvents: 2)
    // From the signal-like end: s, s, b, b | s, b, b, | s, b, b …
    let classes: [Int32] = [0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1]
    let scores = classes.indices.map { 0.95 - 0.05 * Float($0) }
    let events = events(scores, classes, classes.map { _ in 1 })
    let bins = DiscriminantBins(4, RankedScores(scores), events, isSignal: [true, false], floors)
    #expect(
      bins.edges == [scores[3], scores[6], -.infinity] || bins.edges == [scores[3], scores[6], scores[9], -.infinity])
    #expect(scores.prefix(4).allSatisfy { bins.bin(of: $0) == 0 } && bins.bin(of: scores[4]) == 1)
    #expect(bins.bin(of: -5) == bins.count - 1 && bins.bin(of: .infinity) == 0)
    // One bin where the background is too little for two.
    let most = DiscriminantBins.Floors(background: 100, effectiveEvents: 1)
    #expect(DiscriminantBins(4, RankedScores(scores), events, isSignal: [true, false], most).edges == [-.infinity])
  }

  @Test func whatLacksBackgroundIsJoined() {
    let chosen = events([0.9, 0.8, 0.3, 0.2], [0, 1, 0, 1], [1, 1, 1, 1])
    // The first bin has no background here.
    let quoted = events([0.95, 0.85, 0.3, 0.2], [0, 0, 0, 1], [2, 2, 2, 5])
    let options = ExpectedSignificance.Options(
      bins: 2, backgroundUncertainty: 0.2, floors: .init(background: 0, effectiveEvents: 1))
    let discriminant = Discriminant(signal: [0], expected: [1, 1], training: [1, 1])
    let found = ExpectedSignificance(
      choosing: chosen, quoting: quoted, discriminant, options, BootstrapWeights(replicas: 10, seed: 1))
    #expect(found.merged == 1 && found.bins.count == 1)
    #expect(found.bins[0].yield.signal == 6 && found.bins[0].yield.background == 5)
    #expect(abs(found.bins[0].uncertainty - 26.0.squareRoot()) < 1e-15)
    #expect(
      found.combinedOfKnown.value == Significance.asimov(signal: 6, background: 5)
        && found.combined.value == Significance.asimov(signal: 6, background: 5, uncertainty: 26.0.squareRoot()))
  }

  @Test func distancesOfDistributions() {
    let random = CounterRandom(seed: 3, stream: 9)
    func sample(_ count: Int, _ first: Int, shift: Float) -> (scores: [Float], weights: [Double]) {
      let scores = (0..<count).map { Float(random.uniform(UInt64(first + $0))) + shift }
      return (scores, scores.map { _ in 1.5 })
    }
    let same = KolmogorovSmirnov(sample(400, 0, shift: 0), sample(300, 1000, shift: 0), seed: 1)
    #expect(same.distance < 0.12 && (same.probability ?? 0) > 0.05)
    let other = KolmogorovSmirnov(sample(400, 0, shift: 0), sample(300, 1000, shift: 0.3), seed: 1)
    #expect(abs(other.distance - 0.3) < 0.1 && (other.probability ?? 1) < 0.01)
    let apart = KolmogorovSmirnov(([1, 2], [1, 1]), ([3, 4], [2, 1]), seed: 1)
    #expect(apart.distance == 1)
    #expect(KolmogorovSmirnov(([1], [-1]), ([2], [1]), seed: 1).distance.isNaN)
  }

  @Test func differencesHaveBothErrors() {
    let difference = Figure(3, error: 0.3) - Figure(1, error: 0.4)
    #expect(difference.value == 2 && abs((difference.error ?? 0) - 0.5) < 1e-15)
    #expect((Figure(3) - Figure(1, error: 1)).error == nil)
  }
}
