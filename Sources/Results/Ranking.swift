/// How well scores separate classes, each from the rest: areas under ROC curves, with signed weights v.
///
///     AUC = Σ v_i v_j [1(x_i > x_j) + ½ 1(x_i = x_j)] / (Σ v_i · Σ v_j)
///
/// i runs over the events of the class, j over those of all other classes, mixed according to their weights; x is the
/// probability of the class. With two classes only the area of the first is kept, as that of the second is the same.
package struct Ranking: Equatable, Sendable {
  /// One for each class, or that of the first of two. NaN for a class, or a rest, whose weights sum to 0 or less: no events, say.
  package var areas: [Double]
  /// How far each may be from the area computed with unbinned scores.
  package var bounds: [Double]

  package init(areas: [Double], bounds: [Double]) {
    self.areas = areas
    self.bounds = bounds
  }

  /// The mean over the classes, each counting the same; NaN if one of them is.
  package var auc: Double { areas.reduce(0, +) / Double(areas.count) }

  /// How far that may be from the mean computed with unbinned scores.
  package var bound: Double { bounds.reduce(0, +) / Double(bounds.count) }
}

/// The weights of the events of a class, and of the others, by the bin of their score for the class.
///
/// Weights are rounded to multiples of a unit, a power of two, and added as integers in doubles: exactly, and so in any order.
package struct ScoreHistogram {
  /// The number of bins: one for each 16-bit number.
  package static let bins = 1 << 16

  /// How many sums a bin has: the weights of the rest, of the class, and, where there are negative ones, their magnitudes.
  private var width = 2
  /// 1 / unit.
  private var scale = 1.0
  /// (bins, width); empty before the first events.
  private var sums: [Double] = []
  /// Those that may hold something.
  private var used: Range<Int>?

  /// Without events.
  package init() {}

  /// Forgets all events, and gets ready for up to `events` with weights of up to `largest` in magnitude.
  ///
  /// The unit is the finest with which no sum can reach 2⁵²: a weight is off by 2⁻⁵¹ · `events` · `largest` at most.
  package mutating func prepare(events: Int, largest: Float, hasNegative: Bool) {
    clear()
    width = hasNegative ? 4 : 2
    let bits = Int.bitWidth - max(3, events).leadingZeroBitCount
    let exponent = largest > 0 && largest.isFinite ? Int(largest.exponent) : 0
    scale = Double(sign: .plus, exponent: 51 - bits - exponent, significand: 1)
    if sums.count != Self.bins * width { sums = Array(repeating: 0, count: Self.bins * width) }
  }

  /// Adds events: their bins, classes and weights. `ofClass` is the class.
  package mutating func add(_ bins: Span<UInt16>, _ labels: Span<Int32>, _ weights: Span<Float>, ofClass: Int) {
    precondition(bins.count == labels.count && bins.count == weights.count, "an event has one of each")
    guard !bins.isEmpty else { return }
    let (scale, width, own) = (scale, width, Int32(ofClass))
    var (lowest, highest) = (UInt16.max, UInt16.min)
    var sums = sums.mutableSpan
    for event in bins.indices {
      let bin = bins[event]
      lowest = min(lowest, bin)
      highest = max(highest, bin)
      // The nearest integer to a number below 2⁵⁰.
      let units = (Double(weights[event]) * scale + 0x1.8p52) - 0x1.8p52
      let place = Int(bin) * width + (labels[event] == own ? 1 : 0)
      sums[place] += units
      if width == 4 { sums[place + 2] += units.magnitude }
    }
    let added = Int(lowest)..<Int(highest) + 1
    used = used.map { min($0.lowerBound, added.lowerBound)..<max($0.upperBound, added.upperBound) } ?? added
  }

  /// Lets `body` add the sums of other ranks, in this layout.
  package mutating func withSums<Failure: Error>(
    _ body: (inout MutableSpan<Double>) throws(Failure) -> Void
  ) throws(Failure) {
    var span = sums.mutableSpan
    try body(&span)
    used = 0..<Self.bins
  }

  /// Forgets all events: only bins that may hold something are touched.
  package mutating func clear() {
    guard let used else { return }
    let places = used.lowerBound * width..<used.upperBound * width
    var sums = sums.mutableSpan
    for place in places { sums[place] = 0 }
    self.used = nil
  }

  /// The area, and how far it may be from that of the unbinned scores: half the weight of the pairs within a bin.
  ///
  /// Sums of integers are exact; what their products and their sum lose is some 2⁻³⁶ of Σ |v| · Σ |v|.
  package var area: (value: Double, bound: Double) {
    guard let used else { return (.nan, .nan) }
    var (own, rest, pairs, mixed) = (0.0, 0.0, 0.0, 0.0)
    let magnitudes = width == 4 ? 2 : 0
    let sums = sums.span
    for bin in used {
      let place = bin * width
      let (ofRest, ofClass) = (sums[place], sums[place + 1])
      pairs += ofClass * (rest + 0.5 * ofRest)
      own += ofClass
      rest += ofRest
      mixed += sums[place + magnitudes] * sums[place + magnitudes + 1]
    }
    guard own > 0, rest > 0 else { return (.nan, .nan) }
    return (pairs / (own * rest), 0.5 * mixed / (own * rest))
  }
}
