/// What an epoch's steps add up to so far. Part of the training's state: it goes into checkpoints.
struct EpochSums: Equatable, Codable {
  /// Sum of loss × weight over the events, each with the parameters of its step.
  var loss = 0.0
  /// Sum of their weights.
  var weight = 0.0
  /// How many there were.
  var events = 0
  /// How many of them were classified right.
  var correct = 0
}
