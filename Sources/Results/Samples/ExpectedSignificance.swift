/// The significance of the expected signal: in bins of the discriminant and above one cut on it, both chosen on one sample and
/// quoted on another, at the yields of the whole processes.
package struct ExpectedSignificance: Equatable, Sendable {
  package struct Options: Equatable, Sendable {
    package var bins: Int
    /// Of the background in each bin, relative; uncorrelated between bins.
    package var backgroundUncertainty: Double
    package var floors: DiscriminantBins.Floors

    package init(bins: Int, backgroundUncertainty: Double, floors: DiscriminantBins.Floors) {
      self.bins = bins
      self.backgroundUncertainty = backgroundUncertainty
      self.floors = floors
    }

    /// σ² = (relative uncertainty · b)² + Σw².
    func uncertainty(_ yield: DiscriminantBins.Yield) -> Double {
      let systematic = backgroundUncertainty * yield.background
      return (systematic * systematic + yield.backgroundSquares).squareRoot()
    }
  }

  package struct Bin: Equatable, Sendable {
    /// The lower edge of the discriminant; −∞ in the last bin.
    package var edge: Float
    package var yield: DiscriminantBins.Yield
    /// Total uncertainty of the background.
    package var uncertainty: Double
    /// Z_A with that uncertainty, and with the background known exactly.
    package var significance: Double
    package var significanceOfKnown: Double

    init(_ edge: Float, _ yield: DiscriminantBins.Yield, _ options: Options) {
      self.edge = edge
      self.yield = yield
      uncertainty = options.uncertainty(yield)
      significance = Significance.asimov(
        signal: yield.signal, background: yield.background, uncertainty: uncertainty)
      significanceOfKnown = Significance.asimov(signal: yield.signal, background: yield.background)
    }
  }

  /// From the most signal-like one on.
  package var bins: [Bin]
  /// How many of the bins chosen were joined with the next, as they do not hold the floors in this sample.
  package var merged: Int
  /// That of all bins.
  package var combined: Figure
  package var combinedOfKnown: Figure
  /// All above the cut with the largest significance in the sample that chose it; nil where none holds the floors.
  package var cut: Bin?
  /// AMS above the cut.
  package var ams: Double?

  /// `chosen` is the sample on which bins and cut are chosen; `quoted` another one.
  package init(
    choosing chosen: ScoredEvents, quoting quoted: ScoredEvents, _ discriminant: Discriminant, _ options: Options,
    _ replicas: BootstrapWeights
  ) {
    let replicas = replicas.ofSample(events: quoted.count)
    let isSignal = discriminant.isSignal
    let ranked = RankedScores(chosen.values(of: discriminant))
    let binning = DiscriminantBins(options.bins, ranked, chosen, isSignal: isSignal, options.floors)
    let cut = Self.bestCut(ranked, chosen, isSignal: isSignal, options)
    let values = quoted.values(of: discriminant)

    var yields = [DiscriminantBins.Yield](repeating: .init(), count: binning.count)
    var aboveCut = DiscriminantBins.Yield()
    let bins = values.map { binning.bin(of: $0) }
    for event in quoted.events {
      let isSignal = isSignal[Int(quoted.classes[event])]
      yields[bins[event]].add(quoted.weights[event], isSignal: isSignal)
      if let cut, values[event] >= cut { aboveCut.add(quoted.weights[event], isSignal: isSignal) }
    }
    // A bin that does not hold the floors here joins the next one, the last one that before it.
    var groups: [[Int]] = [[]]
    func yield(of group: [Int]) -> DiscriminantBins.Yield { group.reduce(.init()) { $0 + yields[$1] } }
    for bin in yields.indices {
      groups[groups.count - 1].append(bin)
      if options.floors.hold(yield(of: groups[groups.count - 1])) { groups.append([]) }
    }
    let rest = groups.removeLast()
    if !rest.isEmpty { if groups.isEmpty { groups = [rest] } else { groups[groups.count - 1] += rest } }
    self.bins = groups.map { Bin(binning.edges[$0.last ?? 0], yield(of: $0), options) }
    merged = yields.count - groups.count
    self.cut = cut.map { Bin($0, aboveCut, options) }
    ams = cut.map { _ in Significance.ams(signal: aboveCut.signal, background: aboveCut.background) }

    // Replicas move the yields; the uncertainties stay.
    var groupOfBin = [Int](repeating: 0, count: yields.count)
    for (number, group) in groups.enumerated() { for bin in group { groupOfBin[bin] = number } }
    let cells = quoted.events.map { event in
      Int32(2 * groupOfBin[bins[event]] + (isSignal[Int(quoted.classes[event])] ? 0 : 1))
    }
    let sums = ReplicaSums(
      replicas, cells: 2 * groups.count, cell: cells, weights: quoted.weights, identities: quoted.identities)
    let uncertainties = self.bins.map(\.uncertainty)
    func combined(_ isKnown: Bool, _ yield: (Int) -> (signal: Double, background: Double)) -> Double {
      Significance.combined(
        uncertainties.indices.map { bin in
          let (signal, background) = yield(bin)
          return Significance.asimov(
            signal: signal, background: background, uncertainty: isKnown ? 0 : uncertainties[bin])
        })
    }
    let own = self.bins.map { (signal: $0.yield.signal, background: $0.yield.background) }
    func figure(_ isKnown: Bool) -> Figure {
      Replicated(
        combined(isKnown) { own[$0] },
        replicas: (0..<replicas.replicas).map { replica in
          combined(isKnown) { (sums[2 * $0, replica], sums[2 * $0 + 1, replica]) }
        }
      ).figure
    }
    self.combined = figure(false)
    combinedOfKnown = figure(true)
  }

  /// The value of the discriminant above which the significance is largest.
  private static func bestCut(
    _ ranked: RankedScores, _ events: ScoredEvents, isSignal: [Bool], _ options: Options
  ) -> Float? {
    var (above, best) = (DiscriminantBins.Yield(), (value: 0.0, cut: Float?.none))
    for place in ranked.order.indices {
      let event = Int(ranked.order[place])
      above.add(events.weights[event], isSignal: isSignal[Int(events.classes[event])])
      if place + 1 < ranked.count, ranked.scores[Int(ranked.order[place + 1])] == ranked.scores[event] { continue }
      guard options.floors.hold(above) else { continue }
      let value = Significance.asimov(
        signal: above.signal, background: above.background, uncertainty: options.uncertainty(above))
      if value > best.value { best = (value, ranked.scores[event]) }
    }
    return best.cut
  }
}

extension ExpectedSignificance: Encodable {
  private enum CodingKeys: String, CodingKey {
    case bins, merged, cut, ams
    case combined = "z_a"
    case combinedOfKnown = "z_a_background_known"
  }
}

extension ExpectedSignificance.Bin: Encodable {
  private enum CodingKeys: String, CodingKey {
    case edge, signal, background
    case uncertainty = "background_uncertainty"
    case effectiveEvents = "n_eff"
    case significance = "z_a"
    case significanceOfKnown = "z_a_background_known"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(edge.isFinite ? edge : nil, forKey: .edge)
    try container.encode(yield.signal, forKey: .signal)
    try container.encode(yield.background, forKey: .background)
    try container.encode(uncertainty, forKey: .uncertainty)
    try container.encode(yield.effectiveEvents, forKey: .effectiveEvents)
    try container.encode(significance.isFinite ? significance : nil, forKey: .significance)
    try container.encode(significanceOfKnown.isFinite ? significanceOfKnown : nil, forKey: .significanceOfKnown)
  }
}
