/// How one batch is cut into blocks, and how they are assigned to workers.
///
/// A block is the unit of work, of sharding and of rounding. Its size depends on the batch size and the network alone,
/// never on ranks or threads: that is what makes the sums the same on any machine.
public struct BlockPlan: Equatable, Sendable {
  /// Events in the batch.
  public let events: Int
  /// Events in every block but the last, which may be shorter.
  public let block: Int

  /// The plan of a batch of `events` events, at least one.
  public init(events: Int, block: Int) {
    precondition(events > 0 && block > 0, "an empty batch")
    self.events = events
    self.block = block
  }

  /// Blocks in the batch.
  public var blocks: Int { (events + block - 1) / block }

  /// The events of block number `index`, as places in the batch.
  public func events(ofBlock index: Int) -> Range<Int> {
    index * block..<min((index + 1) * block, events)
  }

  /// The blocks of worker `index` of `workers`: contiguous, disjoint, all together every block, sizes differing by one at most.
  public static func share(of blocks: Range<Int>, worker index: Int, of workers: Int) -> Range<Int> {
    let (quotient, remainder) = blocks.count.quotientAndRemainder(dividingBy: workers)
    let start = blocks.lowerBound + index * quotient + min(index, remainder)
    return start..<start + quotient + (index < remainder ? 1 : 0)
  }

  /// The default size of a block: a sixteenth of the batch within 16 … 64, so that
  /// small batches still feed several workers (fewer than 16 events are not worth the rounding of their sums and the start of
  /// the loops: a batch of 128 takes 1.4 times as long in blocks of 8); a quarter of the batch for networks beyond 100,000
  /// parameters, where rounding millions of sums for every block would cost too much. Both are rounded up to a power of
  /// two.
  public static func defaultBlock(batchSize: Int, parameters: Int) -> Int {
    let target = parameters > 100_000 ? (batchSize + 3) / 4 : min(max((batchSize + 15) / 16, 16), 64)
    return 1 << (Int.bitWidth - max(target - 1, 0).leadingZeroBitCount)
  }
}
