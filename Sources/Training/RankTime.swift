/// How long one rank computed in an epoch, and how long it waited for the others.
package struct RankTime: Equatable, Sendable, BitwiseCopyable {
  /// Events whose gradients it summed.
  package var events: Int
  /// Seconds in which it did not wait.
  package var compute: Double
  /// Seconds in the allreduce: its own part of the adding, and waiting for the slowest rank.
  package var wait: Double

  package init(events: Int, compute: Double, wait: Double) {
    self.events = events
    self.compute = compute
    self.wait = wait
  }
}
