import MPI
import NeuralNetwork

/// Where the time of one step goes, in µs; mean over the ranks.
package struct StepSplit: Codable, Equatable {
  /// Events are copied into blocks.
  package var gather = 0.0
  /// From the features to the loss.
  package var forward = 0.0
  /// From the loss to the gradient.
  package var backward = 0.0
  /// Gradients of blocks are rounded to the grid and summed.
  package var rounding = 0.0
  /// The workers of a rank wake up, wait for the last one, and their sums become one.
  package var threads = 0.0
  /// The sums of the ranks are added; early ranks wait.
  package var allreduce = 0.0
  /// The grid moves, the optimiser steps, and all that is left.
  package var update = 0.0

  package static let parts: [any WritableKeyPath<StepSplit, Double> & Sendable] = [
    \.gather, \.forward, \.backward, \.rounding, \.threads, \.allreduce, \.update,
  ]

  /// The names of the parts in the order of `parts`.
  package static let names = ["gather", "forward", "backward", "rounding", "threads", "allreduce", "update"]

  /// All parts together.
  package var total: Double { Self.parts.reduce(0) { $0 + self[keyPath: $1] } }
  package init() {}

  /// What a rank measured in `steps` steps that took this many nanoseconds each, without what the clock took.
  init(_ phases: StepPhases, steps: Int, nanoseconds: Double, clockCost: Double) {
    let scale = 1e-3 / Double(steps)
    gather = phases.gather * scale
    forward = phases.forward * scale
    backward = phases.backward * scale
    rounding = phases.rounding * scale
    allreduce = phases.allreduce * scale
    let region = phases.region * scale
    threads = max(0, region - gather - forward - backward - rounding - phases.readings.inRegion * scale * clockCost)
    update = max(0, nanoseconds * 1e-3 - region - allreduce - phases.readings.outside * scale * clockCost)
  }

  /// The median of each part, scaled so that all together they are `total`.
  package init(medianOf splits: [StepSplit], total: Double) {
    for part in Self.parts { self[keyPath: part] = Quartiles(splits.map { $0[keyPath: part] }).median }
    let factor = total / max(self.total, .leastNormalMagnitude)
    for part in Self.parts { self[keyPath: part] *= factor }
  }

  /// The mean over all ranks.
  /// - Collective: every rank of the communicator calls it.
  func mean(_ communicator: borrowing Communicator) throws -> StepSplit {
    var values = Self.parts.map { self[keyPath: $0] }
    var span = values.mutableSpan
    try communicator.sumInPlace(&span)
    var mean = self
    for (index, part) in Self.parts.enumerated() { mean[keyPath: part] = values[index] / Double(communicator.size) }
    return mean
  }
}
