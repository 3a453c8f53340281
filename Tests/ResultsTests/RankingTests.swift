import Results
import Testing

@Suite struct RankingTests {
  private struct Event {
    var bin: UInt16
    var label: Int32
    var weight: Float
  }

  private func area(_ events: [Event], ofClass: Int = 0, in parts: Int = 1) -> (value: Double, bound: Double) {
    var histogram = ScoreHistogram()
    add(events, ofClass: ofClass, in: parts, to: &histogram)
    return histogram.area
  }

  private func add(_ events: [Event], ofClass: Int, in parts: Int = 1, to histogram: inout ScoreHistogram) {
    let largest = events.map(\.weight.magnitude).max() ?? 0
    histogram.prepare(events: events.count, largest: largest, hasNegative: events.contains { $0.weight < 0 })
    for part in 0..<parts {
      let events = events.indices.filter { $0 % parts == part }.map { events[$0] }
      let (bins, labels, weights) = (events.map(\.bin), events.map(\.label), events.map(\.weight))
      histogram.add(bins.span, labels.span, weights.span, ofClass: ofClass)
    }
  }

  /// The definition, pair by pair.
  private func byHand(_ events: [Event], ofClass: Int32 = 0) -> (value: Double, bound: Double) {
    var (pairs, ties, own, rest) = (0.0, 0.0, 0.0, 0.0)
    for event in events where event.label == ofClass {
      own += Double(event.weight)
      for other in events where other.label != ofClass {
        let product = Double(event.weight) * Double(other.weight)
        if event.bin > other.bin { pairs += product }
        if event.bin == other.bin {
          pairs += product / 2
          ties += product.magnitude / 2
        }
      }
    }
    for other in events where other.label != ofClass { rest += Double(other.weight) }
    return (pairs / (own * rest), ties / (own * rest))
  }

  /// A simple generator is enough here.
  private func events(_ count: Int, classes: Int32, bins: UInt64, negative: Double, scale: Float = 1) -> [Event] {
    var state: UInt64 = 88_172_645_463_325_252
    func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state >> 11
    }
    return (0..<count).map { _ in
      let weight = Float(1 + next() % 1000) * scale / 1000
      let isNegative = Double(next() % 1000) < 1000 * negative
      return Event(
        bin: UInt16(next() % bins), label: Int32(next() % UInt64(classes)), weight: isNegative ? -weight : weight)
    }
  }

  @Test(arguments: [0, 0.3], [7, 65_536] as [UInt64])
  func areaAndBoundAreThoseOfThePairs(negative: Double, bins: UInt64) {
    let events = events(600, classes: 3, bins: bins, negative: negative)
    for label in 0..<3 {
      let (found, expected) = (area(events, ofClass: label), byHand(events, ofClass: Int32(label)))
      #expect((found.value - expected.value).magnitude < 1e-12)
      #expect((found.bound - expected.bound).magnitude < 1e-12)
    }
  }

  /// To the bit: in any order, and in any parts.
  @Test(arguments: [0, 0.3])
  func orderAndPartsChangeNothing(negative: Double) {
    let events = events(500, classes: 2, bins: 900, negative: negative, scale: 1e-15)
    let whole = area(events)
    #expect(!whole.value.isNaN)
    for parts in [2, 3, 7] { #expect(area(events, in: parts) == whole) }
    #expect(area(events.reversed()) == whole)
    // And the unit of the weights, as long as it is a power of two.
    let scaled = events.map { Event(bin: $0.bin, label: $0.label, weight: $0.weight * 0x1p40) }
    #expect(area(scaled).value == whole.value)
  }

  @Test func smallWeightsAreOffByLittleBesideLargeOnes() {
    // Each of the 1,000 by 2⁻⁵¹ · 1002 at most.
    let small = 0x1.abcdeep-20 as Float
    var events = [Event(bin: 5, label: 0, weight: 1), Event(bin: 3, label: 1, weight: 1)]
    events += (0..<1000).map { _ in Event(bin: 1, label: 0, weight: small) }
    let expected = 1 / (1 + 1000 * Double(small))
    #expect((area(events).value - expected).magnitude < 1000 * 1002 * 0x1p-51)
  }

  @Test func equalScoresAreHalf() {
    let events = events(50, classes: 2, bins: 1, negative: 0)
    let found = area(events)
    #expect(found.value == 0.5 && found.bound == 0.5)
  }

  @Test func perfectAndWrongOrder() {
    let events = [
      Event(bin: 9, label: 0, weight: 2), Event(bin: 65_535, label: 0, weight: 1), Event(bin: 0, label: 1, weight: 3),
    ]
    #expect(area(events) == (1, 0))
    #expect(area(events.map { Event(bin: 65_535 - $0.bin, label: $0.label, weight: $0.weight) }) == (0, 0))
  }

  @Test func aClassThatIsNotThereHasNoArea() {
    let one = [Event(bin: 9, label: 0, weight: 2), Event(bin: 8, label: 0, weight: 1)]
    #expect(area(one).value.isNaN && area(one, ofClass: 1).value.isNaN && area([]).value.isNaN)
    // Nor has one whose weights sum to nothing, or less.
    let cancelled = [
      Event(bin: 1, label: 0, weight: 1), Event(bin: 2, label: 0, weight: -1), Event(bin: 1, label: 1, weight: 1),
    ]
    #expect(area(cancelled).value.isNaN && area(cancelled, ofClass: 1).value.isNaN)
    #expect(area([Event(bin: 1, label: 0, weight: 0), Event(bin: 1, label: 1, weight: 0)]).value.isNaN)
    #expect(Ranking(areas: [0.5, .nan], bounds: [0, .nan]).auc.isNaN)
    #expect(Ranking(areas: [0.5, 1], bounds: [0, 0.25]).auc == 0.75)
    #expect(Ranking(areas: [0.5, 1], bounds: [0, 0.25]).bound == 0.125)
  }

  /// One histogram takes column after column, with and without negative weights.
  @Test func scratchIsCleared() {
    var histogram = ScoreHistogram()
    for (negative, scale) in [(0.0, 1 as Float), (0.3, 1e6), (0, 1e-6), (0.3, 1)] {
      let events = events(300, classes: 2, bins: 65_536, negative: negative, scale: scale)
      for label in 0..<2 {
        add(events, ofClass: label, to: &histogram)
        #expect(histogram.area == area(events, ofClass: label))
      }
    }
  }

  /// As ranks do that exchange sums: the same bits.
  @Test func sumsOfPartsAddUp() {
    let events = events(400, classes: 2, bins: 3000, negative: 0.2)
    let halves = [Array(events.prefix(150)), Array(events.dropFirst(150))]
    let largest = events.map(\.weight.magnitude).max() ?? 0
    let parts = halves.map { half in
      var histogram = ScoreHistogram()
      histogram.prepare(events: events.count, largest: largest, hasNegative: true)
      let (bins, labels, weights) = (half.map(\.bin), half.map(\.label), half.map(\.weight))
      histogram.add(bins.span, labels.span, weights.span, ofClass: 0)
      return histogram
    }
    var (total, other) = (parts[0], parts[1])
    var sums: [Double] = []
    other.withSums { span in for index in span.indices { sums.append(span[index]) } }
    total.withSums { span in for index in span.indices { span[index] += sums[index] } }
    #expect(total.area == area(events))
  }
}
