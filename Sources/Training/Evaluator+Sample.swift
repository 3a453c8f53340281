package import Events
import Machine
package import MPI
package import NeuralNetwork
import Numerics
package import Results

extension Evaluator {
  /// Bytes of scores of all ranks that are on their way to rank 0 at a time.
  private static let bytesOnTheWay = 64 << 20

  /// The events of the processes that are trained on that have a use, with what the network makes of them, on rank 0; nil on other
  /// ranks, where there are no such events, and where a probability is not finite.
  ///
  /// 4 · (classes + 6) bytes an event on rank 0: 0.8 GB for 20 million events of four classes. Scores are gathered in rounds of 64 MB,
  /// of which every other rank holds its share.
  /// - Collective: every rank of the communicator calls it.
  package mutating func scoredEvents(
    _ network: borrowing Network, _ events: EventStore, _ use: EventUse, _ communicator: borrowing Communicator
  ) throws -> ScoredEvents? {
    let header = events.header
    let rows = header.processes.indices.filter { header.processes[$0].use == .train }.map {
      header.rows(ofProcess: $0, use)
    }
    guard let first = rows.first?.lowerBound, let last = rows.last?.upperBound, first < last else { return nil }
    let probabilities = try gatheredProbabilities(network, events, first..<last, communicator)
    guard communicator.isRoot, probabilities.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
    let nominal = header.weights.firstIndex { $0.kind == .nominal }
    let unit = nominal.map { powerOfTwo(header.weights[$0].unit) } ?? 1
    var weights = [Double](repeating: 1, count: last - first)
    if let nominal {
      events.withSpan(events.layout.weights(nominal)) { values in
        for row in first..<last { weights[row - first] = Double(values[row]) * unit }
      }
    }
    var identities = [UInt64](repeating: 0, count: last - first)
    events.withSpan(events.layout.identities) { values in
      for row in first..<last { identities[row - first] = values[row] }
    }
    for (process, rows) in zip(header.processes.filter { $0.use == .train }, rows) where !rows.isEmpty {
      let places = rows.lowerBound - first..<rows.upperBound - first
      let scale = header.scale(of: process, used: weights[places].reduce(0, +), events: rows.count)
      for place in places { weights[place] *= scale }
      if !header.hasGivenIdentities {
        let identity = EventIdentity(process: process.name)
        for place in places { identities[place] = identity.key(CollectionOfOne(identities[place])) }
      }
    }
    return ScoredEvents(
      probabilities: probabilities,
      classes: events.withSpan(events.layout.classes) { values in (first..<last).map { values[$0] } },
      weights: weights, monitorWeights: (first..<last).map { events.weight(ofRow: $0, .monitor) },
      identities: identities)
  }

  /// The class probabilities of rows of the events on rank 0, (classes, events); empty on other ranks.
  /// - Collective: every rank of the communicator calls it.
  private mutating func gatheredProbabilities(
    _ network: borrowing Network, _ events: EventStore, _ rows: Range<Int>, _ communicator: borrowing Communicator
  ) throws -> [[Float]] {
    let classes = events.classNames.count
    let plan = BlockPlan(events: rows.count, block: Self.block)
    let order = EventOrder.sequential(first: rows.lowerBound)
    let featureStride = network.layout.layers[0].inputStride
    let watchdog = communicator.watchdog
    var columns = [[Float]](repeating: [], count: communicator.isRoot ? classes : 0)
    for index in columns.indices { columns[index].reserveCapacity(rows.count) }
    // Blocks of a round, in the order of the ranks: what comes to rank 0 is in the order of the events.
    let round = max(communicator.size, Self.bytesOnTheWay / (4 * classes * Self.block))
    try watchdog.during(.evaluating) {
      for start in stride(from: 0, to: plan.blocks, by: round) {
        let blocks = start..<min(start + round, plan.blocks)
        let mine = BlockPlan.share(of: blocks, worker: communicator.rank, of: communicator.size)
        var scores: [Float] = []
        for block in mine {
          watchdog.move()
          scores += engine.probabilities(of: network, block: block) { block, features, labels, weights in
            events.gather(
              plan.events(ofBlock: block), in: order, featureStride: featureStride, features: &features,
              labels: &labels,
              weights: &weights)
          }
        }
        var bytes: [UInt8] = []
        bytes.append(bytesOf: scores)
        for part in try communicator.gatherToRoot(bytes) {
          let scores = [Float](littleEndian: part[...])
          for index in 0..<classes {
            for place in stride(from: index, to: scores.count, by: classes) { columns[index].append(scores[place]) }
          }
        }
      }
    }
    return columns
  }
}

extension EventStore.Header {
  /// What the weights of the events of a process that are used are multiplied by so that they stand for all that are selected:
  /// Σw(all) / Σw(used), or by numbers of events where there are no weights or those used sum to 0 or less.
  fileprivate func scale(of process: Process, used: Double, events: Int) -> Double {
    let all = process.classSums.reduce(0, +)
    guard process.yield != nil, !(used > 0 && all > 0) else { return all / used }
    return Double(process.counts.total) / Double(events)
  }
}
