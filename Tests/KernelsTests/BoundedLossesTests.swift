import KernelOperands
import Kernels
import Testing

@Suite(.everyKernelSet) struct BoundedLossesTests {
  /// −ln 10⁻⁶
  private let bound: Float = 13.815511

  @Test func eventsOfNegativeWeightCountAtMostTheBound() {
    // −ln p of the event's class is 20, 13, 20, 0, 20.
    var batch = LossBatch(
      [[-20, 0], [-13, 0], [-20, 0], [40, 0], [-20, 0]], labels: [0, 0, 0, 0, 0], weights: [-2, -2, 2, -2, 0])
    batch.train(LossShape(gamma: 1e-6))
    let before = batch
    batch.bound(bound)
    #expect(batch.losses[0] == -2 * bound && batch.gradient(of: 0) == [0, 0])
    // Others keep their bits: those of a smaller loss, and those of positive weight, which pull back.
    for row in 1..<5 {
      #expect(batch.losses[row].bitPattern == before.losses[row].bitPattern)
      #expect(batch.gradient(of: row).map(\.bitPattern) == before.gradient(of: row).map(\.bitPattern))
    }
    #expect(batch.gradient(of: 2)[0] < -1.9 && batch.gradient(of: 1)[0] > 1.9)
  }

  @Test func nothingIsBelowTheBoundAndNaNStays() {
    var batch = LossBatch(rows: 40, width: 4, classes: 4, scale: 1e38, seed: 2)
    batch.logits[0] = .nan
    batch.train(LossShape(smoothing: 0.1, classes: 4, gamma: 0))
    batch.bound(bound)
    #expect(batch.losses[0].isNaN)
    #expect(batch.weights.prefix(40).contains { $0 < 0 })
    for row in 1..<40 { #expect(batch.losses[row] >= min(0, batch.weights[row]) * bound) }
  }

  @Test func anInfiniteLossIsBoundedToo() {
    var batch = LossBatch([[.infinity, 0]], labels: [1], weights: [-1])
    batch.train(LossShape(gamma: 2))
    #expect(batch.losses[0] == -.infinity)
    batch.bound(bound)
    #expect(batch.losses[0] == -bound && batch.gradient(of: 0) == [0, 0])
  }
}
