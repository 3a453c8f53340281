import KernelOperands

/// The functions available in expressions.
enum Function: Sendable {
  /// A function of one or more numbers.
  case operation(ColumnOperation)
  /// The minimum or maximum of one or more numbers.
  case extreme(ColumnOperation)
  case clip
  /// A function of objects.
  case kinematic(Kinematics)
  /// The minimum or maximum over all pairs of objects.
  case pairs(ColumnOperation, Kinematics)

  /// A kinematic quantity of objects; the four-momenta of a sum of objects are added.
  enum Kinematics: String, CaseIterable, Sendable {
    // Of two objects.
    case dR, deta, dphi, mT
    // Of the sum of one or more objects.
    case mass, pt, eta, phi, px, py, pz, energy
    // The scalar sum of their pt.
    case ht

    /// Whether it takes exactly two objects.
    var isOfTwo: Bool { [.dR, .deta, .dphi, .mT].contains(self) }
  }

  private static let numeric: [String: Function] = [
    "abs": .operation(.magnitude), "sqrt": .operation(.squareRoot), "log": .operation(.naturalLogarithm),
    "log10": .operation(.decimalLogarithm), "log1p": .operation(.logarithmOnePlus), "exp": .operation(.exponential),
    "expm1": .operation(.exponentialMinusOne), "sin": .operation(.sine), "cos": .operation(.cosine),
    "tan": .operation(.tangent), "atan": .operation(.arcTangentOfOne), "atan2": .operation(.arcTangent),
    "sinh": .operation(.hyperbolicSine), "cosh": .operation(.hyperbolicCosine), "tanh": .operation(.hyperbolicTangent),
    "asinh": .operation(.inverseHyperbolicSine), "floor": .operation(.floor), "pow": .operation(.power),
    "angle": .operation(.angle), "missing": .operation(.isMissing), "where": .operation(.choice),
    "min": .extreme(.least),
    "max": .extreme(.greatest), "clip": .clip,
  ]

  /// Alternative names from ROOT, numpy and vector.
  private static let aliases = [
    "fabs": "abs", "ln": "log", "arctan2": "atan2", "arctan": "atan", "arcsinh": "asinh", "power": "pow",
    "minimum": "min", "maximum": "max", "fmin": "min", "fmax": "max", "deltaR": "dR", "DeltaR": "dR",
    "deltaeta": "deta",
    "deltaphi": "dphi", "DeltaPhi": "dphi", "invariant_mass": "mass", "m": "mass", "mt": "mT", "isnan": "missing",
    "HT": "ht", "E": "energy",
  ]

  static func named(_ name: String) -> Function? {
    let name = aliases[name] ?? name
    if let function = numeric[name] { return function }
    if let kinematics = Kinematics(rawValue: name) { return .kinematic(kinematics) }
    for (prefix, operation) in [("min_", ColumnOperation.least), ("max_", .greatest)] where name.hasPrefix(prefix) {
      let quantity = String(name.dropFirst(4))
      if let kinematics = Kinematics(rawValue: aliases[quantity] ?? quantity), pairable.contains(kinematics) {
        return .pairs(operation, kinematics)
      }
    }
    return nil
  }

  private static let pairable: [Kinematics] = [.dR, .deta, .dphi, .mT, .mass, .pt]

  /// All names, for error messages.
  static let names: [String] =
    numeric.keys.sorted() + Kinematics.allCases.map(\.rawValue)
    + ["min_", "max_"].flatMap { prefix in pairable.map { prefix + $0.rawValue } }
}
