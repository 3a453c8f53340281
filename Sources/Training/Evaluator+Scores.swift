package import Events
import Machine
package import MPI
package import NeuralNetwork
package import Results

extension Evaluator {
  /// Scores are added as integer multiples of this unit, so that neither order nor ranks matter, for up to 2³⁰ events.
  private static let unit = 0x1p-32

  /// The scores of rows of the events, whatever their classes; nil if there are none.
  /// - Collective: every rank of the communicator calls it.
  package mutating func scores(
    _ network: borrowing Network, _ events: EventStore, _ rows: Range<Int>, _ communicator: borrowing Communicator
  ) throws -> ClassScores? {
    guard !rows.isEmpty else { return nil }
    let classes = events.classNames.count
    let plan = BlockPlan(events: rows.count, block: Self.block)
    let mine = BlockPlan.share(of: 0..<plan.blocks, worker: communicator.rank, of: communicator.size)
    let order = EventOrder.sequential(first: rows.lowerBound)
    let featureStride = network.layout.layers[0].inputStride
    let watchdog = communicator.watchdog
    // For each class the sum of scores in the unit, then its number of events; last, the events whose scores are not finite.
    var sums = [Int](repeating: 0, count: 2 * classes + 1)
    return try watchdog.during(.evaluating) {
      for block in mine {
        watchdog.move()
        let scores = engine.probabilities(of: network, block: block) { block, features, labels, weights in
          events.gather(
            plan.events(ofBlock: block), in: order, featureStride: featureStride, features: &features, labels: &labels,
            weights: &weights)
        }
        for first in stride(from: 0, to: scores.count, by: classes) {
          let event = scores[first..<first + classes]
          guard event.allSatisfy(\.isFinite) else {
            sums[2 * classes] += 1
            continue
          }
          var best = 0
          for index in 0..<classes {
            sums[index] += Int(Double(event[first + index]) / Self.unit)
            if event[first + index] > event[first + best] { best = index }
          }
          sums[classes + best] += 1
        }
      }
      let all = try communicator.gather(sums).reduce([Int](repeating: 0, count: sums.count)) { total, mine in
        zip(total, mine).map { $0 &+ $1 }
      }
      let isFinite = all[2 * classes] == 0
      return ClassScores(
        events: rows.count,
        means: (0..<classes).map { isFinite ? Double(all[$0]) * Self.unit / Double(rows.count) : .nan },
        predicted: Array(all[classes..<2 * classes]))
    }
  }

  /// The figures of the processes that are not trained on.
  /// - Collective: every rank of the communicator calls it.
  package mutating func scoresOfProcesses(
    _ network: borrowing Network, _ events: EventStore, _ communicator: borrowing Communicator
  ) throws -> [ProcessScores] {
    var found: [ProcessScores] = []
    for (number, process) in events.header.processes.enumerated() where process.use != .train {
      let rows = events.header.rows(ofProcess: number, process.use == .data ? .data : .evaluation)
      guard let scores = try scores(network, events, rows, communicator) else { continue }
      found.append(
        ProcessScores(name: process.name, use: process.use.rawValue, sumWeights: process.yield?.sum, scores: scores))
    }
    return found
  }
}
