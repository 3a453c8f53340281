import Events
import Testing

@Suite struct GatherTests {
  @Test(arguments: [0, 1, 5, 32, 33, 70])
  func gatheringFollowsTheOrder(_ count: Int) throws {
    let store = try EventStoreTests.store([100, 100])
    let shuffle = Shuffle(count: store.training.count, seed: 1, epoch: 1)
    for (order, row) in [
      (EventOrder.shuffled(shuffle), { shuffle[$0] }), (.sequential(first: 7), { 7 + $0 }),
    ] as [(EventOrder, (Int) -> Int)] {
      var features = [Float](repeating: -1, count: count * 8)
      var labels = [Int32](repeating: -1, count: count)
      var weights = [Float](repeating: -1, count: count)
      var f = features.mutableSpan
      var l = labels.mutableSpan
      var w = weights.mutableSpan
      let rows = store.gather(3..<3 + count, in: order, featureStride: 8, features: &f, labels: &l, weights: &w)
      #expect(rows == count)
      for index in 0..<count {
        for column in 0..<8 {
          #expect(features[index * 8 + column] == store.feature(column, ofRow: row(3 + index)))
        }
        #expect(Int(labels[index]) == store.label(ofRow: row(3 + index)))
        #expect(weights[index] == 1)
      }
    }
  }
}
