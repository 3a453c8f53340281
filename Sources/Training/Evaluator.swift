package import Events
package import MPI
package import NeuralNetwork
package import Results

/// Judges a network by events it does not learn from.
package struct Evaluator: ~Copyable {
  private var engine: GradientEngine

  /// Events in a block of an evaluation; a constant, so that losses are the same bits in every run. 2²² blocks add up
  /// exactly (see `ExactScalar`): a billion events.
  private static let block = 256

  package init(layout: ParameterLayout, threads: Int, team: ThreadTeam? = nil) {
    engine = GradientEngine(layout: layout, capacity: Self.block, threads: threads, training: false, team: team)
  }

  /// Metrics and confusion matrix of rows of the events, the same bits on any number of ranks; nil if there are none.
  /// - Collective: every rank of the communicator calls it.
  package mutating func evaluate(
    _ network: borrowing Network, _ events: EventStore, _ rows: Range<Int>, _ communicator: borrowing Communicator
  ) throws -> Evaluation? {
    guard !rows.isEmpty else { return nil }
    let plan = BlockPlan(events: rows.count, block: Self.block)
    let mine = BlockPlan.share(of: 0..<plan.blocks, worker: communicator.rank, of: communicator.size)
    let order = EventOrder.sequential(first: rows.lowerBound)
    let featureStride = network.layout.layers[0].inputStride
    let watchdog = communicator.watchdog
    return try watchdog.during(.evaluating) {
      engine.sumLosses(of: network, blocks: mine) { block, features, labels, weights in
        watchdog.move()
        return events.gather(
          plan.events(ofBlock: block), in: order, featureStride: featureStride, features: &features, labels: &labels,
          weights: &weights)
      }
      try engine.sums.withValues { values in try communicator.sumInPlace(&values) }
      let sums = engine.statistics
      var statistics = Statistics(sums)
      statistics.confusion = engine.sums.confusion
      if sums.nonFiniteBlocks > 0 { statistics.loss = .nan }
      return Evaluation(statistics)
    }
  }

  /// Class probabilities of all events of a table, (events, classes).
  package mutating func probabilities(
    _ network: borrowing Network, _ events: EventTable, _ standardization: Standardization
  ) -> [Float] {
    let plan = BlockPlan(events: events.events, block: Self.block)
    let stride = network.layout.layers[0].inputStride
    var scores: [Float] = []
    for block in 0..<plan.blocks {
      let places = plan.events(ofBlock: block)
      scores += engine.probabilities(of: network, block: block) { _, features, _, _ in
        for (row, event) in places.enumerated() {
          for feature in 0..<events.features {
            features[row * stride + feature] = events.values[event * events.features + feature]
          }
        }
        standardization.apply(to: &features, rows: places.count, stride: stride)
        return places.count
      }
    }
    return scores
  }
}
