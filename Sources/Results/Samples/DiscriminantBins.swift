/// Bins of the discriminant for templates and significances, chosen on one sample and used on others.
package struct DiscriminantBins: Equatable, Sendable {
  /// The lower edges from the most signal-like bin on; the last one is −∞.
  package let edges: [Float]

  /// What every bin must hold.
  package struct Floors: Equatable, Sendable {
    /// Expected background.
    package var background: Double
    /// Effective number of background events, (Σw)² / Σw².
    package var effectiveEvents: Double

    package init(background: Double, effectiveEvents: Double) {
      (self.background, self.effectiveEvents) = (background, effectiveEvents)
    }

    /// Whether a bin is above both, and has more than no background.
    func hold(_ bin: Yield) -> Bool {
      bin.background > 0 && bin.background >= background && bin.effectiveEvents >= effectiveEvents
    }
  }

  /// What is expected in a bin, or above a cut.
  package struct Yield: Equatable, Sendable {
    package var signal = 0.0
    package var background = 0.0
    /// Σw² of the background: the variance of its sum.
    package var backgroundSquares = 0.0

    package var effectiveEvents: Double {
      backgroundSquares > 0 ? background * background / backgroundSquares : 0
    }

    mutating func add(_ weight: Double, isSignal: Bool) {
      if isSignal {
        signal += weight
      } else {
        background += weight
        backgroundSquares += weight * weight
      }
    }

    static func + (first: Yield, second: Yield) -> Yield {
      Yield(
        signal: first.signal + second.signal, background: first.background + second.background,
        backgroundSquares: first.backgroundSquares + second.backgroundSquares)
    }
  }

  /// Up to `count` bins of equal signal in these events, each wide enough for the floors: from the signal-like end on, a bin ends
  /// where its share of the signal and the floors are reached. The last one takes what is left.
  package init(_ count: Int, _ ranked: RankedScores, _ events: ScoredEvents, isSignal: [Bool], _ floors: Floors) {
    let signal = events.events.lazy.filter { isSignal[Int(events.classes[$0])] }.map { events.weights[$0] }
      .compensatedSum
    var edges: [Float] = []
    var (bin, above) = (Yield(), 0.0)
    for place in ranked.order.indices {
      let event = Int(ranked.order[place])
      bin.add(events.weights[event], isSignal: isSignal[Int(events.classes[event])])
      let isLastOfScore =
        place + 1 < ranked.count && ranked.scores[Int(ranked.order[place + 1])] != ranked.scores[event]
      guard isLastOfScore, edges.count + 1 < count, floors.hold(bin),
        above + bin.signal >= signal * Double(edges.count + 1) / Double(count)
      else { continue }
      edges.append(ranked.scores[event])
      above += bin.signal
      bin = Yield()
    }
    // What is left must hold the floors too.
    if !edges.isEmpty, !floors.hold(bin) { edges.removeLast() }
    self.edges = edges + [-.infinity]
  }

  package var count: Int { edges.count }

  /// The bin of a value, 0 for the most signal-like one.
  package func bin(of value: Float) -> Int {
    // The edges fall.
    var (low, high) = (0, edges.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if value >= edges[middle] { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
