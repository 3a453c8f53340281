/// How a training treats events whose physics weight is negative.
public enum NegativeWeights: String, CaseIterable, Codable, Sendable {
  /// They count by the magnitudes of their weights: exact where the share of negative weights does not depend on the features, else
  /// biased.
  case absolute
  /// They count with their signs, which is unbiased; the loss of an event of negative weight is then bounded.
  case keep
  /// They are not trained on.
  case drop
}
