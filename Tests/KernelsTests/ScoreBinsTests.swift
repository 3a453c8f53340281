import Foundation
import KernelOperands
import Kernels
import Testing

@Suite(.everyKernelSet) struct ScoreBinsTests {
  @Test(arguments: [2, 3, 4, 5, 9], [1, 8, 21])
  func areThoseOfTheTwin(classes: Int, rows: Int) {
    for scale in [0.5, 8, 60, 1e38] {
      let batch = LossBatch(rows: rows, width: classes, classes: classes, scale: scale, seed: 4)
      let columns = classes == 2 ? 1 : classes
      let bins = batch.bins(columns: columns)
      for row in 0..<rows {
        #expect(bins.map { $0[row] } == Reference.scoreBins(batch.logits(of: row), columns: columns))
      }
    }
  }

  @Test(arguments: [1, 8, 21])
  func ofOneOutputAreThoseOfTheTwoLogits(rows: Int) {
    for scale in [0.5, 8, 60] {
      let batch = LossBatch(rows: rows, width: 1, classes: 2, scale: scale, seed: 4)
      let pairs = LossBatch((0..<rows).map(batch.asTwoClasses), labels: (0..<rows).map { _ in 0 })
      #expect(batch.bins(columns: 1, isBinary: true) == pairs.bins(columns: 1))
    }
  }

  /// They rise with the log-odds, and are at most 0.003 wide there, from p = 2⁻⁶⁴ to 1 − 2⁻⁶⁴.
  @Test func riseWithTheScoreAndAreNarrowAtBothEnds() {
    let odds = (-44_000...44_000).map { Float($0) / 1000 }
    let batch = LossBatch(odds.map { [$0, 0] }, labels: odds.map { _ in 0 })
    let bins = batch.bins(columns: 1)[0].map(Int.init)
    #expect(zip(bins, bins.dropFirst()).allSatisfy { $0 <= $1 })
    // No four of the events, which are 0.001 apart, share a bin.
    #expect(zip(bins, bins.dropFirst(3)).allSatisfy { $0 < $1 })
    // Which is what one more class of no probability, or another order, gives.
    let turned = LossBatch(odds.map { [0, $0, -3e38] }, labels: odds.map { _ in 0 })
    #expect(turned.bins(columns: 3)[1].map(Int.init) == bins)
    // The second class's score is the mirror image.
    let second = turned.bins(columns: 3)[0].map(Int.init)
    #expect(zip(second, second.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test func theEndsAreBins() {
    let batch = LossBatch(
      [[3e38, 0], [-3e38, 0], [0, 0], [.infinity, 0], [200, 0], [-200, 0]], labels: [0, 0, 0, 0, 0, 0])
    #expect(batch.bins(columns: 1)[0] == [65535, 0, 32767, 65535, 65535, 0])
  }
}
