/// An operation on numbers. A missing number is NaN, and so is a result that depends on it.
///
/// Truth values are 1 and 0, and NaN where a missing number decides: of `and`, a false side makes it false, of `or` a true side true, as
/// in SQL.
public enum ColumnOperation: UInt8, Hashable, Sendable {
  // Of one number.
  case negative, magnitude, squareRoot
  case naturalLogarithm, decimalLogarithm, logarithmOnePlus, exponential, exponentialMinusOne
  case sine, cosine, tangent, arcTangentOfOne, hyperbolicSine, hyperbolicCosine, hyperbolicTangent,
    inverseHyperbolicSine
  case floor, not, isMissing
  // Of two.
  case sum, difference, product, quotient, power, arcTangent, least, greatest
  case less, atMost, equal, unequal, and, or
  /// The first angle minus the second, from −π to π.
  case angle
  // Of three: the second where the first is true, else the third.
  case choice

  /// How many numbers it takes.
  public var operands: Int {
    switch self {
    case .negative, .magnitude, .squareRoot, .naturalLogarithm, .decimalLogarithm, .logarithmOnePlus, .exponential,
      .exponentialMinusOne, .sine, .cosine, .tangent, .arcTangentOfOne, .hyperbolicSine, .hyperbolicCosine,
      .hyperbolicTangent, .inverseHyperbolicSine, .floor, .not, .isMissing:
      1
    case .choice: 3
    default: 2
    }
  }
}
