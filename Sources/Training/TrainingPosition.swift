package import Results

/// How far a training has come.
package struct TrainingPosition: Equatable, Sendable {
  /// Completed epochs.
  package var epoch: Int
  /// Completed steps of the next one: all of them where only its evaluation is left to do.
  package var step: Int
  /// Their sums.
  package var sums: Statistics

  package init(epoch: Int = 0, step: Int = 0, sums: Statistics = Statistics()) {
    self.epoch = epoch
    self.step = step
    self.sums = sums
  }

  /// Completed steps of the whole training.
  package func steps(perEpoch: Int) -> Int { epoch * perEpoch + step }
}
