/// The smallest and the largest score (class probability) that events got for one class.
public struct ScoreRange: Equatable, Sendable, BitwiseCopyable {
  public private(set) var lowest = Float.infinity
  public private(set) var highest = -Float.infinity

  /// The range without events.
  public init() {}

  /// Adds a score; NaN is ignored.
  public mutating func include(_ score: Float) {
    if score < lowest { lowest = score }
    if score > highest { highest = score }
  }

  /// Adds the scores of other events.
  public mutating func include(_ other: ScoreRange) {
    if other.lowest < lowest { lowest = other.lowest }
    if other.highest > highest { highest = other.highest }
  }

  /// Whether all scores are the same within this part of the largest one. Relative, as scores of a rare class may all be tiny and
  /// still tell events apart; not so for no score at all.
  public func isConstant(within tolerance: Float) -> Bool {
    lowest <= highest && highest - lowest <= tolerance * highest
  }
}

extension Worker {
  /// Takes the scores of a block's events into ``scoreRanges``; the outputs stay as they are.
  mutating func noteScores(
    _ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int
  ) {
    let stride = outputStride
    // The outputs stand in the first half of `deltas`.
    let scores = unsafe deltas.pointer + deltas.count / 2
    unsafe findProbabilities(outputs, specification, rows: rows, to: scores)
    for index in 0..<specification.classes {
      var range = scoreRanges[index]
      for row in 0..<rows { range.include(unsafe scores[row * stride + index]) }
      scoreRanges[index] = range
    }
  }
}

extension GradientEngine {
  /// The range of each class's scores over the events of the last ``sumLosses(of:blocks:measuringScores:fill:)`` that measured
  /// them, on this rank.
  public var scoreRanges: [ScoreRange] {
    var ranges = unsafe workers[0].scoreRanges
    for index in 1..<max(threads, 1) {
      for (place, range) in unsafe workers[index].scoreRanges.enumerated() { ranges[place].include(range) }
    }
    return ranges
  }
}
