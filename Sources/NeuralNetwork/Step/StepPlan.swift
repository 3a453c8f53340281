/// How an epoch's events are cut into steps, blocks and shares.
public struct StepPlan: Equatable, Sendable {
  /// Events shown in an epoch.
  public let events: Int
  /// Events in every step but the last, which may be shorter: no event is dropped.
  public let batchSize: Int
  /// Events in a block.
  public let block: Int

  public init(events: Int, batchSize: Int, block: Int) {
    self.events = events
    self.batchSize = batchSize
    self.block = block
  }

  public var stepsPerEpoch: Int { (events + batchSize - 1) / batchSize }

  /// Events in the longest step: all of the epoch, if the batch is larger.
  public var fullBatch: Int { min(batchSize, events) }

  /// The events of a step, as places in the epoch.
  public func events(ofStep step: Int) -> Range<Int> {
    step * batchSize..<min((step + 1) * batchSize, events)
  }

  /// The blocks of a step.
  public func blocks(ofStep step: Int) -> BlockPlan {
    BlockPlan(events: events(ofStep: step).count, block: block)
  }

  /// How many of an epoch's events `rank` of `ranks` works on.
  public func share(rank: Int, of ranks: Int) -> Int {
    func share(ofStep step: Int) -> Int {
      let plan = blocks(ofStep: step)
      let blocks = BlockPlan.share(of: 0..<plan.blocks, worker: rank, of: ranks)
      return blocks.isEmpty ? 0 : plan.events(ofBlock: blocks.upperBound - 1).upperBound - blocks.lowerBound * block
    }
    // All steps but the last are alike.
    return (stepsPerEpoch - 1) * share(ofStep: 0) + share(ofStep: stepsPerEpoch - 1)
  }
}
