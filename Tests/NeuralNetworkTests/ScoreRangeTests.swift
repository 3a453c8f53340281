import NeuralNetwork
import Testing

@Suite struct ScoreRangeTests {
  private func range(_ scores: Float...) -> ScoreRange {
    var range = ScoreRange()
    for score in scores { range.include(score) }
    return range
  }

  @Test func spansWhatItTakesIn() {
    #expect(range(0.5, 0.25, 0.75).lowest == 0.25 && range(0.5, 0.25, 0.75).highest == 0.75)
    var all = range(0.5)
    all.include(range(0.25, 0.3))
    all.include(ScoreRange())
    #expect(all == range(0.25, 0.5) && all != range(0.25))
  }

  @Test func noScoreIsNoConstant() {
    #expect(!ScoreRange().isConstant(within: 1e-3) && !range(.nan).isConstant(within: 1e-3))
    #expect(range(.nan, 0.5, .nan) == range(0.5))
  }

  /// Relative: scores of a rare class are all small, and a score of exactly zero is one like others.
  @Test func toleranceIsPartOfTheLargestScore() {
    #expect(range(0.5, 0.5).isConstant(within: 0) && range(0, 0).isConstant(within: 1e-3))
    #expect(range(0.5, 0.5004).isConstant(within: 1e-3) && !range(0.5, 0.501).isConstant(within: 1e-3))
    #expect(!range(1e-6, 2e-6).isConstant(within: 1e-3) && !range(0, 1e-30).isConstant(within: 1e-3))
  }
}
