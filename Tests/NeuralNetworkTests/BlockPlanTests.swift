import NeuralNetwork
import Testing

@Suite struct BlockPlanTests {
  @Test(arguments: [1, 2, 7, 64, 1000], [1, 4, 64])
  func blocksCoverEveryEventOnce(_ events: Int, _ block: Int) {
    let plan = BlockPlan(events: events, block: block)
    #expect((0..<plan.blocks).flatMap { Array(plan.events(ofBlock: $0)) } == Array(0..<events))
  }

  @Test(arguments: [0, 1, 7, 16, 100], [1, 2, 3, 5, 8, 1000])
  func sharesCoverEveryBlockOnceAndEvenly(_ blocks: Int, _ workers: Int) {
    let shares = (0..<workers).map { BlockPlan.share(of: 3..<3 + blocks, worker: $0, of: workers) }
    #expect(shares.flatMap { Array($0) } == Array(3..<3 + blocks))
    let sizes = shares.map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
  }

  @Test(arguments: [
    (1, 2464, 16), (32, 2464, 16), (128, 2464, 16), (256, 2464, 16), (512, 2464, 32), (1000, 2464, 64),
    (1024, 2464, 64),
    (16384, 2464, 64), (1024, 2_000_000, 256), (1, 2_000_000, 1),
  ])
  func defaultBlockFollowsItsRule(_ batch: Int, _ parameters: Int, _ expected: Int) {
    #expect(BlockPlan.defaultBlock(batchSize: batch, parameters: parameters) == expected)
  }
}
