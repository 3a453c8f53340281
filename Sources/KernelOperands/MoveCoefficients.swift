/// What a step of an optimiser does to every parameter: one case per optimiser.
public enum MoveCoefficients: Sendable {
  case sgd(SGDCoefficients)
}
