import Events
import MPI
import Results
import Runs
import Testing
import TestSupport

@Suite struct ModelFaultsTests {
  private let classes = TinyRun.processes

  private func warning(
    _ confusion: [[Int]], constant: Bool? = false, _ overrides: [TinyRun.Override] = [], events: [Int] = [90, 60, 50],
    loss: Double = 1
  ) throws -> String? {
    let tiny = try TinyRun(events: events)
    let run = try tiny.runFile(overrides)
    let store = try run.loader(for: .training).load(.solo()).store
    let count = confusion.joined().reduce(0, +)
    let evaluation = Evaluation(
      Statistics(loss: loss * Double(count), events: count, confusion: confusion), [.loss], hasConstantScores: constant)
    return ModelFaults(run, store).warning(evaluation, "test", classes: classes)
  }

  private let good = [[5, 1, 1], [1, 5, 1], [1, 1, 5]]
  private let oneClass = [[0, 7, 0], [0, 7, 0], [0, 7, 0]]
  private let lower = "lower training.optimizer.learning_rate (now 0.05)"
  private let slower = "lower training.optimizer.momentum (now 0.9)"

  @Test func aModelThatSeparatesIsFine() throws {
    #expect(try warning(good) == nil && warning(good, constant: nil) == nil)
    // A class without events need not be predicted.
    #expect(try warning([[5, 1, 0], [1, 5, 0], [0, 0, 0]]) == nil)
    // Where the loss is NaN, that is the trouble.
    #expect(try warning(oneClass, constant: true, loss: .nan) == nil)
  }

  @Test func sameScoresAreOneLineWhateverIsPredicted() throws {
    #expect(
      try warning(oneClass, constant: true)
        == "the model gives all 21 test events the same scores (to 0.1 %), so it separates nothing; \(lower) or \(slower)"
    )
    let zeros = try warning(
      oneClass, constant: true, [("network.initializer", "zeros"), ("training.optimizer.momentum", "0")])
    #expect(
      zeros?.hasSuffix(
        "; choose another network.initializer than zeros, with which hidden units stay alike or \(lower)") == true)
    let raw = try warning(oneClass, constant: true, [("data.standardize", "false")])
    #expect(raw?.contains("; set data.standardize: true, \(lower) or ") == true)
  }

  @Test func classesThatAreNeverPredictedAreNamed() throws {
    #expect(
      try warning(oneClass)
        == "the model never predicts signal (7 of the 21 test events), other (7 of the 21 test events); \(lower), \(slower) "
        + "or train for more epochs")
    let unweighted = try warning([[0, 7, 0], [1, 7, 0], [0, 1, 7]], [("training.class_weights", "none")])
    #expect(unweighted == nil, "signal was predicted once")
    #expect(
      try warning([[0, 7, 0], [0, 7, 0], [0, 1, 7]], [("training.class_weights", "none")])?.hasPrefix(
        "the model never predicts signal (7 of the 22 test events); set training.class_weights: balanced, ") == true)
  }

  /// A class that most batches lack wants larger ones; what the other classes lack is not its trouble.
  @Test func aRareClassWantsLargerBatches() throws {
    let missingSignal = [[0, 7, 0], [0, 7, 1], [0, 1, 7]]
    let missingOther = [[7, 1, 0], [1, 7, 0], [3, 4, 0]]
    let events = [15, 900, 900]
    let word = "raise training.batch_size (now 32) to "
    #expect(try warning(missingSignal, events: events)?.contains(word) == true)
    #expect(try warning(missingOther, events: events)?.contains(word) == false)
    #expect(try warning(missingOther, constant: true, events: events)?.contains(word) == true)
  }
}
