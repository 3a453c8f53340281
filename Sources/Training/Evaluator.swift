package import Events
import Machine
package import MPI
package import NeuralNetwork
package import Results

/// Evaluates a network.
package struct Evaluator: ~Copyable {
  var engine: GradientEngine
  /// The metrics that an evaluation computes.
  private let metrics: [Metric]
  /// Scratch of rankings.
  private var histogram = ScoreHistogram()

  /// Events in a block of an evaluation; a constant, so that losses are the same bits in every run. 2²² blocks add up
  /// exactly (see `ExactScalar`): a billion events.
  static let block = 256

  package init(
    layout: ParameterLayout, threads: Int, team: ThreadTeam? = nil, metrics: [Metric] = [.loss, .accuracy]
  ) {
    self.metrics = metrics
    engine = GradientEngine(layout: layout, capacity: Self.block, threads: threads, training: false, team: team)
  }

  /// Scores are the same if, class by class, the smallest and the largest over all events differ by at most this part of the
  /// largest: 0.1 %, far above rounding and far below what separates anything.
  private static let sameScores: Float = 1e-3

  /// Metrics and confusion matrix of rows of the events, the same bits on any number of ranks; nil if there are none. The loss
  /// has the monitor weights of the store, relative to their mean: over these events where events have weights of their own, else
  /// over the training events.
  ///
  /// `comparingScores` also finds out whether the network gives all events the same scores.
  /// - Collective: every rank of the communicator calls it.
  package mutating func evaluate(
    _ network: borrowing Network, _ events: EventStore, _ rows: Range<Int>, comparingScores: Bool = false,
    _ communicator: borrowing Communicator
  ) throws -> Evaluation? {
    guard !rows.isEmpty else { return nil }
    let plan = BlockPlan(events: rows.count, block: Self.block)
    let mine = BlockPlan.share(of: 0..<plan.blocks, worker: communicator.rank, of: communicator.size)
    let order = EventOrder.sequential(first: rows.lowerBound)
    let featureStride = network.layout.layers[0].inputStride
    let watchdog = communicator.watchdog
    return try watchdog.during(.evaluating) {
      engine.sumLosses(
        of: network, blocks: mine, measuringScores: comparingScores, recordingScores: metrics.needScores
      ) { block, features, labels, weights in
        watchdog.move()
        return events.gather(
          plan.events(ofBlock: block), in: order, featureStride: featureStride, features: &features, labels: &labels,
          weights: &weights, weighting: .monitor)
      }
      try engine.sums.withValues { values in try communicator.sumInPlace(&values) }
      let sums = engine.statistics
      // The scale of event weights is arbitrary, so a mean over these events divides by their sum. If they cancel, no mean
      // is meaningful, and the loss stays finite.
      let own = engine.sums.weight / Double(rows.count)
      let hasOwn = events.header.hasMonitorWeights && own > 0
      var statistics = Statistics(sums, meanWeight: hasOwn ? own : events.meanMonitorWeight)
      statistics.confusion = engine.sums.confusion
      (statistics.weight, statistics.correctWeight) = (engine.sums.weight, engine.sums.rightWeight)
      if metrics.needScores { statistics.ranking = try ranking(events: rows.count, communicator) }
      if sums.nonFiniteBlocks > 0 { statistics.becomeUndefined() }
      let isConstant = comparingScores ? try hasConstantScores(events: rows.count, communicator) : nil
      return Evaluation(statistics, metrics, hasConstantScores: isConstant)
    }
  }

  /// How well the scores just recorded rank the events of all ranks.
  /// - Collective: every rank of the communicator calls it.
  private mutating func ranking(events: Int, _ communicator: borrowing Communicator) throws -> Ranking {
    try engine.recordedScores.ranking(events: events, &histogram, communicator)
  }

  /// Whether the scores just measured are the same for all events of all ranks; false for a single event.
  /// - Collective: every rank of the communicator calls it.
  private func hasConstantScores(events: Int, _ communicator: borrowing Communicator) throws -> Bool {
    var mine: [UInt8] = []
    var ranges = engine.scoreRanges
    mine.append(bytesOf: ranges)
    for bytes in try communicator.allGather(mine) {
      for (index, range) in [ScoreRange](littleEndian: bytes[...]).enumerated() { ranges[index].include(range) }
    }
    return events > 1 && ranges.count > 1 && ranges.allSatisfy { $0.isConstant(within: Self.sameScores) }
  }
}
