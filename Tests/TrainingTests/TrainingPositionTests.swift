import Results
import Testing
import Training

@Suite struct TrainingPositionTests {
  @Test func stepsAreThoseOfTheWholeTraining() {
    #expect(TrainingPosition().steps(perEpoch: 5) == 0)
    #expect(TrainingPosition(epoch: 3, step: 2).steps(perEpoch: 5) == 17)
    // All steps of an epoch are done, but not its evaluation.
    #expect(TrainingPosition(epoch: 2, step: 5).steps(perEpoch: 5) == TrainingPosition(epoch: 3).steps(perEpoch: 5))
  }

  @Test func theStartHasNothing() {
    #expect(TrainingPosition() == TrainingPosition(epoch: 0, step: 0, sums: Statistics()))
  }
}
