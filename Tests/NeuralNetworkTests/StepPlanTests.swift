import NeuralNetwork
import Testing

@Suite struct StepPlanTests {
  @Test(arguments: [1, 7, 64, 1000], [1, 16, 100, 5000])
  func everyEventIsShownOnceAndSharedOnce(_ events: Int, _ batchSize: Int) {
    let plan = StepPlan(events: events, batchSize: batchSize, block: 16)
    #expect((0..<plan.stepsPerEpoch).flatMap { Array(plan.events(ofStep: $0)) } == Array(0..<events))
    #expect(plan.fullBatch == (0..<plan.stepsPerEpoch).map { plan.events(ofStep: $0).count }.max())
    for ranks in 1...5 { #expect((0..<ranks).reduce(0) { $0 + plan.share(rank: $1, of: ranks) } == events) }
  }
}
