import Events
import MPI
import RunFiles
import Runs
import TestSupport
import Training

extension TinyRun {
  func runFile(_ overrides: [(key: String, value: String)] = []) throws -> RunFile {
    try RunFile(yaml: yaml, named: path, overrides: overrides)
  }

  /// A trainer of one rank that has not taken a step.
  func trainer(_ overrides: [(key: String, value: String)] = [], threads: Int = 1) throws -> Trainer {
    let run = try runFile(overrides)
    let loaded = try run.loader(for: .training).load(.solo())
    return try Trainer(run.trainerOptions, events: loaded.store, threads: threads, .solo())
  }
}

/// What a training came to.
struct TrainingEnd: Equatable {
  var state: TrainerState
  var digest: [UInt8]
  var costs: [Double]
}

extension Trainer {
  /// Trains from a position to the end of an epoch, counted from 1.
  mutating func train(from start: TrainingPosition = TrainingPosition(), toEpoch last: Int) throws -> TrainingEnd {
    var position = start
    var costs: [Double] = []
    while position.epoch < last {
      _ = try trainEpoch(&position, .solo()) { _, cost in costs.append(cost) }
      position = TrainingPosition(epoch: position.epoch + 1)
    }
    return TrainingEnd(state: state, digest: stateDigest, costs: costs)
  }
}
