/// How a training uses the weight of an event.
struct TrainingRule: Sendable {
  let isUsed: Bool
  let negative: NegativeWeights

  /// m(w); 1 if the training uses no weights.
  func magnitude(of weight: Double) -> Double {
    guard isUsed else { return 1 }
    switch negative {
    case .absolute: return weight.magnitude
    case .keep: return weight
    case .drop: return max(0, weight)
    }
  }
}
