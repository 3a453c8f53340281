/// What a step of an optimiser does to every parameter: one case per optimiser.
public enum MoveCoefficients: Sendable {
  case sgd(SGDCoefficients)
  /// Adam and AdamW, which differ only in their defaults.
  case adam(AdamCoefficients)

  /// The same without weight decay.
  public var withoutDecay: MoveCoefficients {
    switch self {
    case .sgd(var sgd):
      sgd.remaining = 1
      return .sgd(sgd)
    case .adam(var adam):
      adam.decay = 0
      return .adam(adam)
    }
  }
}
