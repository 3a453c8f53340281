/// The sums over the steps of an epoch or an evaluation: the same bits on any number of ranks, and all that metrics are computed
/// from. Those of an epoch so far are part of a training's state and go into checkpoints.
package struct Statistics: Equatable, Sendable {
  /// Sum of loss × t / t̄ over the events, where t is an event's training weight and t̄ the mean of t over all training events; in
  /// an evaluation by weights of events of v / v̄, with the monitor weight and its mean over the events of the evaluation. NaN if a
  /// loss is not finite. While training, each event has the parameters of its step.
  package var loss = 0.0
  /// Sum of loss over the events, each counting 1; in evaluations alone.
  package var unweightedLoss = 0.0
  /// How many events there are.
  package var events = 0
  /// How many of them were classified right.
  package var correct = 0
  /// Sum of the events' weights, and of the weights of those that were classified right; in evaluations alone.
  package var weight = 0.0
  package var correctWeight = 0.0
  /// Events of each true class (row) by predicted class (column); empty while training.
  package var confusion: [[Int]] = []
  /// How well scores rank the events; nil where no metric asks.
  package var ranking: Ranking?

  package init(
    loss: Double = 0, unweightedLoss: Double = 0, events: Int = 0, correct: Int = 0, confusion: [[Int]] = []
  ) {
    self.loss = loss
    self.unweightedLoss = unweightedLoss
    self.events = events
    self.correct = correct
    self.confusion = confusion
  }

  /// Adds the sums of a step.
  package static func += (sums: inout Statistics, step: Statistics) {
    sums.loss += step.loss
    sums.unweightedLoss += step.unweightedLoss
    sums.events += step.events
    sums.correct += step.correct
  }
}

extension Statistics: Codable {
  /// Without everything that only evaluations count.
  private enum CodingKeys: String, CodingKey { case loss, events, correct }
}
