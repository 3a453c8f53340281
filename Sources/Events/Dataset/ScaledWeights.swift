import Numerics

/// Weights of some events: float32 numbers times 2^`unit`, the largest magnitude in [½, 1]. So weights of 1e-15 or 1e-60 keep all
/// their digits, and sums of them and of their squares have a scale of their own.
struct ScaledWeights: Sendable {
  private(set) var values: [Float]
  /// nil where all are 0.
  private(set) var unit: Int?

  /// Rounds each to float32, once. A nonzero weight stays nonzero: its magnitude becomes at least 2⁻¹⁴⁹ of the unit.
  init(_ weights: [Double]) {
    let largest = weights.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0 else {
      values = weights.map { _ in 0 }
      return
    }
    let unit = Int(largest.exponent) + 1
    values = weights.map { weight in
      let value = Float(scaled(weight, by: -unit))
      guard value == 0, weight != 0 else { return value }
      return weight < 0 ? -.leastNonzeroMagnitude : .leastNonzeroMagnitude
    }
    self.unit = unit
  }

  /// The same in another unit.
  func values(inUnit other: Int) -> [Float] {
    guard let unit, unit != other else { return values }
    let exponent = unit - other
    return values.map { value in
      let moved = Float(scaled(Double(value), by: exponent))
      guard moved == 0, value != 0 else { return moved }
      return value < 0 ? -.leastNonzeroMagnitude : .leastNonzeroMagnitude
    }
  }
}
