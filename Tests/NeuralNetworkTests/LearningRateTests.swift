import NeuralNetwork
import Testing

@Suite struct LearningRateTests {
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

  /// Two and a half steps of warm-up, in this order of operations.
  @Test func warmUpAndScheduleMultiplyTheBase() {
    let schedule = LearningRateSchedule.step(factor: 0.3, every: 1)
    let rate = LearningRate(base: 0.1, schedule: schedule, warmupSteps: 2.5, steps: 6, stepsPerEpoch: 3)
    let warm = [1 / 2.5, 2 / 2.5, 1, 1, 1, 1]
    for step in 0..<6 { #expect(rate(atStep: step) == 0.1 * (warm[step] * (step < 3 ? 1 : 0.3))) }
    let without = LearningRate(base: 0.1, schedule: .constant, warmupSteps: 0, steps: 6, stepsPerEpoch: 3)
    #expect(without(atStep: 0) == 0.1)
  }
}
