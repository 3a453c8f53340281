import Events
import Machine
package import MPI
import NeuralNetwork

extension Trainer {
  /// The first event of a step, as a place in the epoch, whose loss or gradient is not finite on its own, among those of this
  /// rank; nil if only sums of several are not.
  private mutating func firstNonFiniteEvent(
    step: Int, order: EventOrder, _ communicator: borrowing Communicator
  ) -> Int? {
    let first = plan.events(ofStep: step).lowerBound
    let blocks = plan.blocks(ofStep: step)
    let events = events
    let featureStride = network.layout.layers[0].inputStride
    for place in share(of: blocks, communicator).lazy.flatMap({ blocks.events(ofBlock: $0) }).map({ first + $0 }) {
      engine.sumBlocks(of: network, BlockPlan(events: 1, block: 1), blocks: 0..<1, grid: grid) {
        _, features, labels, weights in
        events.gather(
          place..<place + 1, in: order, featureStride: featureStride, features: &features, labels: &labels,
          weights: &weights)
      }
      if engine.statistics.nonFiniteBlocks > 0 { return place }
      communicator.watchdog.move()
    }
    return nil
  }

  /// What to say when a step's sums are not finite.
  /// - Collective: every rank of the communicator calls it.
  mutating func divergence(
    epoch: Int, step: Int, order: EventOrder, _ communicator: borrowing Communicator
  ) throws -> AgreedFailure {
    struct Finding: Codable {
      var place: Int?
      var host: String
    }
    let mine = firstNonFiniteEvent(step: step, order: order, communicator)
    let found = try communicator.gather(Finding(place: mine, host: hostName()))
    let first = found.enumerated().min { $0.element.place ?? .max < $1.element.place ?? .max }
    var culprit = ""
    if let (rank, finding) = first, let place = finding.place {
      let row = order.row(at: place)
      // Files have a first event; identities that they give are as they are.
      let number = events.identity(ofRow: row) &+ (events.header.hasGivenIdentities ? 0 : 1)
      culprit =
        ", first for event \(number) of \(events.classNames[events.label(ofRow: row)]) "
        + "(on rank \(rank)@\(finding.host))"
    }
    return AgreedFailure(
      .diverged,
      "epoch \(epoch), step \(step + 1) of \(plan.stepsPerEpoch): the loss or a gradient is not finite\(culprit); "
        + "lower training.optimizer.learning_rate (now \(options.optimizer.learningRate)), "
        + "set data.standardize: true, or start from smaller weights; the last checkpoint is kept")
  }

  /// What to say when the parameters are not finite, or not fit for use, at the end of an epoch.
  package func divergence(after epoch: Int) -> AgreedFailure {
    AgreedFailure(
      .diverged,
      "epoch \(epoch), after its last step: the parameters or the loss on unchanged parameters are not finite; "
        + "lower training.optimizer.learning_rate (now \(options.optimizer.learningRate)); "
        + "the last checkpoint is kept")
  }
}
