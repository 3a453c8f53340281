import NeuralNetwork
import Testing

@Suite struct LearningRateScheduleTests {
  @Test func constantIsOne() {
    #expect(LearningRateSchedule.constant.factor(step: 17, of: 100, stepsPerEpoch: 10) == 1)
  }

  @Test(arguments: [(0, 1.0), (29, 1.0), (30, 0.5), (59, 0.5), (60, 0.25), (299, 0.001_953_125)])
  func stepFallsAfterEveryThirdEpoch(_ step: Int, _ expected: Double) {
    #expect(LearningRateSchedule.step(factor: 0.5, every: 3).factor(step: step, of: 300, stepsPerEpoch: 10) == expected)
  }

  @Test(arguments: [(0, 1.0), (50, 0.55), (100, 0.1)])
  func cosineFallsToItsEnd(_ step: Int, _ expected: Double) {
    let factor = LearningRateSchedule.cosine(final: 0.1).factor(step: step, of: 100, stepsPerEpoch: 10)
    #expect(abs(factor - expected) < 1e-15)
  }
}
