/// How the classes are weighted against each other in the loss.
public enum ClassWeights: Codable, Equatable, Sendable {
  /// Every event weighs 1.
  case none
  /// w_c = N / (K · N_c), with N training events, N_c of them of class c, K classes: every class weighs the same.
  case balanced
  /// One number per class.
  case perProcess([Double])

  /// One weight per class.
  public func values(_ counts: [EventCounts]) -> [Float] {
    switch self {
    case .none: counts.map { _ in 1 }
    case .perProcess(let weights): weights.map { Float($0) }
    case .balanced:
      counts.map { Float(Double(counts.total(.training)) / (Double(counts.count) * Double($0.training))) }
    }
  }
}

extension EventStore.Header {
  /// The mean of the training weights over all training events, t̄ = Σ N_c · w_c / N.
  ///
  /// The products of counts below 2²⁹ and float32 weights are exact in double; their sum is rounded at most once a class, in
  /// the order of the classes, so every rank gets the same bits. Without training events there is no mean: NaN.
  static func meanWeight(_ counts: [EventCounts], _ classWeights: [Float]) -> Double {
    let sum = zip(counts, classWeights).reduce(0) { $0 + Double($1.0.training) * Double($1.1) }
    return sum / Double(counts.total(.training))
  }

  /// Whether every event counts the same, whatever its class.
  public var weighsClassesEqually: Bool { classWeights.allSatisfy { $0 == classWeights.first } }
}
