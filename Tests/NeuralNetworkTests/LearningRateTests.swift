import ElementaryFunctions
import Foundation
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

  /// Keras' ExponentialDecay: rate^(step / decay_steps), which is exact after whole epochs.
  @Test func exponentialFallsALittleInEachStep() {
    let schedule = LearningRateSchedule.exponential(rate: 0.95)
    for step in 0..<300 {
      let factor = schedule.factor(step: step, of: 300, stepsPerEpoch: 7)
      #expect(abs(factor / pow(0.95, Double(step) / 7) - 1) < 1e-15)
      if step % 7 == 0 { #expect(factor == Elementary.power(0.95, step / 7)) }
    }
    #expect(LearningRateSchedule.exponential(rate: 1).factor(step: 5, of: 9, stepsPerEpoch: 3) == 1)
  }

  /// The warm-up multiplies what the schedule gives, which runs meanwhile.
  @Test(arguments: [
    LearningRateSchedule.constant, .step(factor: 0.3, every: 1), .cosine(final: 0.1), .exponential(rate: 0.5),
    .plateau(Plateau()),
  ])
  func schedulesRunDuringTheWarmUp(_ schedule: LearningRateSchedule) {
    let cold = LearningRate(base: 0.1, schedule: schedule, warmupSteps: 4, steps: 9, stepsPerEpoch: 3)
    let warm = LearningRate(base: 0.1, schedule: schedule, warmupSteps: 0, steps: 9, stepsPerEpoch: 3)
    for step in 0..<9 {
      let expected = warm(atStep: step) * min(1, Double(step + 1) / 4)
      #expect(abs(cold(atStep: step) - expected) <= 2 * expected.ulp)
    }
  }

  /// Keras 3, `keras/src/callbacks/reduce_lr_on_plateau.py`, line by line.
  private struct KerasPlateau {
    var (factor, patience, minDelta, cooldown, minimum) = (0.1, 10, 1e-4, 0, 0.0)
    var isMinimum = true
    var (learningRate, best, wait, counter) = (0.0, 0.0, 0, 0)

    mutating func endEpoch(_ current: Double) {
      func isBetter(_ a: Double, _ b: Double) -> Bool { isMinimum ? a < b - minDelta : a > b + minDelta }
      if counter > 0 {
        counter -= 1
        wait = 0
      }
      if isBetter(current, best) {
        best = current
        wait = 0
      } else if !(counter > 0) {
        wait += 1
        if wait >= patience {
          let old = learningRate
          if old > minimum {
            learningRate = max(old * factor, minimum)
            counter = cooldown
            wait = 0
          }
        }
      }
    }
  }

  @Test(
    arguments: [(0.5, 1, 0.0, 0, 0.0), (0.1, 3, 0.02, 2, 1e-4), (0.5, 2, 0.01, 5, 0.02), (0, 4, 0, 1, 0.01)],
    [true, false])
  func plateausFallAsInKeras(
    _ settings: (factor: Double, patience: Int, minDelta: Double, cooldown: Int, minimum: Double), prefersSmaller: Bool
  ) {
    let plateau = Plateau(
      factor: settings.factor, patience: settings.patience, minDelta: settings.minDelta, cooldown: settings.cooldown,
      minLearningRate: settings.minimum)
    var rate = LearningRate(base: 0.05, schedule: .plateau(plateau), warmupSteps: 0, steps: 100, stepsPerEpoch: 1)
    var keras = KerasPlateau()
    (keras.factor, keras.patience, keras.minDelta) = (settings.factor, settings.patience, settings.minDelta)
    (keras.cooldown, keras.minimum, keras.isMinimum) = (settings.cooldown, settings.minimum, prefersSmaller)
    (keras.learningRate, keras.best) = (0.05, prefersSmaller ? .infinity : -.infinity)
    var generator = SystemLikeGenerator(state: 11)
    var falls = 0
    for epoch in 0..<100 {
      let noise = Double.random(in: -0.05...0.05, using: &generator)
      let value = (prefersSmaller ? 1 : -1) * (1 / Double(epoch + 1) + noise)
      keras.endEpoch(value)
      let before = rate(atStep: epoch)
      let falling = rate.update(value: value, prefersSmaller: prefersSmaller)
      falls += falling ? 1 : 0
      #expect(rate(atStep: epoch + 1) == keras.learningRate && falling == (keras.learningRate != before), "\(epoch)")
      #expect(rate.plateau?.wait == keras.wait && rate.plateau?.rest == keras.counter)
    }
    #expect(falls > 0)
  }

  @Test func aValueThatIsNoNumberIsNeverBetter() {
    let plateau = Plateau(factor: 0.5, patience: 2)
    var state = Plateau.State(learningRate: 1)
    for epoch in 0..<4 { #expect(plateau.update(&state, value: .nan, prefersSmaller: true) == (epoch % 2 == 1)) }
    #expect(state == Plateau.State(learningRate: 0.25) && state.best == nil)
  }
}
