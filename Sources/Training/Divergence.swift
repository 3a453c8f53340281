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
      engine.sumBlocks(of: network, BlockPlan(events: 1, block: 1), blocks: 0..<1, grid: grid, firstPlace: place) {
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

  /// The error message when a step's sums are not finite.
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
      // Files have a first event.
      let identity = events.identity(ofRow: row)
      let event = events.header.hasGivenIdentities ? "the event with key \(identity)" : "event \(identity &+ 1)"
      culprit =
        ", first for \(event) of \(events.header.process(ofTrainingRow: row).name) (on rank \(rank)@\(finding.host))"
    }
    return AgreedFailure(
      .diverged,
      "epoch \(epoch), step \(step + 1) of \(plan.stepsPerEpoch): the loss or a gradient is not finite\(culprit); "
        + "\(advice(isFirstStep: epoch == 1 && step == 0)); the last checkpoint is kept")
  }

  /// The error message when the parameters are not finite, or not usable, at the end of an epoch.
  package func divergence(after epoch: Int) -> AgreedFailure {
    AgreedFailure(
      .diverged,
      "epoch \(epoch), after its last step: the parameters or the loss on unchanged parameters are not finite; "
        + "\(advice(isFirstStep: false)); the last checkpoint is kept")
  }

  /// Remedies that are not applied already. `isFirstStep`: no step has moved the parameters yet.
  private func advice(isFirstStep: Bool) -> String {
    var remedies: [String] = []
    if events.standardization.isIdentity { remedies.append("set data.standardize: true") }
    if isFirstStep {
      // Only what the network starts from can be to blame.
      remedies.append("start from smaller weights (network.initializer)")
      return remedies.alternatives
    }
    remedies.append("lower training.optimizer.learning_rate (now \(options.optimizer.learningRate))")
    if let momentum = options.optimizer.momentum, momentum >= 0.5 {
      remedies.append("lower training.optimizer.momentum (now \(momentum))")
    }
    if options.optimizer.globalClipNorm == nil { remedies.append("set training.optimizer.global_clipnorm: 1") }
    if options.l2 * options.optimizer.learningRate >= 0.1 {
      // The penalty alone multiplies weights by 1 − 2 · l2 · rate in a step of SGD without momentum.
      remedies.append("lower training.l2 (now \(options.l2))")
    }
    let heaviest = events.classWeights.indices.max { events.classWeights[$0] < events.classWeights[$1] }
    if let heaviest, !events.header.hasMonitorWeights,
      Double(events.classWeights[heaviest]) >= 10 * events.meanWeight
    {
      let times = decimals(Double(events.classWeights[heaviest]) / events.meanWeight, 0)
      remedies.append(
        "raise training.batch_size (an event of \(events.classNames[heaviest]) weighs \(times) times the mean)")
    }
    return remedies.alternatives
  }
}
