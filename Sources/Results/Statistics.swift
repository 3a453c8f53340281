/// What the steps of an epoch or an evaluation add up to: the same bits on any number of ranks, and all that metrics are made
/// of. Those of an epoch so far are part of a training's state and go into checkpoints.
package struct Statistics: Equatable, Sendable {
  /// Sum of loss × weight over the events; NaN if a loss is not finite. While training, each event has the parameters of its
  /// step.
  package var loss = 0.0
  /// Sum of the events' weights.
  package var weight = 0.0
  /// How many events there are.
  package var events = 0
  /// How many of them were classified right.
  package var correct = 0
  /// Events of each true class (row) by predicted class (column); empty while training.
  package var confusion: [[Int]] = []

  package init(loss: Double = 0, weight: Double = 0, events: Int = 0, correct: Int = 0, confusion: [[Int]] = []) {
    self.loss = loss
    self.weight = weight
    self.events = events
    self.correct = correct
    self.confusion = confusion
  }

  /// Adds what a step came to.
  package static func += (sums: inout Statistics, step: Statistics) {
    sums.loss += step.loss
    sums.weight += step.weight
    sums.events += step.events
    sums.correct += step.correct
  }
}

extension Statistics: Codable {
  /// Without the confusion matrix, which no epoch has.
  private enum CodingKeys: String, CodingKey { case loss, weight, events, correct }
}
