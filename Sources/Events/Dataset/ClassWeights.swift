/// How the classes are weighted against each other.
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
