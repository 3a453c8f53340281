import ElementaryFunctions
public import KernelOperands

// The arithmetic of operations. Loops over arrays, constants and messages all use the same functions.

/// The first angle minus the second, mapped to [−π, π] by a multiple of 2π. A small result is accurate even if the angles lie on either
/// side of ±π.
@inline(__always)
func angle(_ a: Double, _ b: Double) -> Double {
  // The difference and its rounding error (Knuth's two-sum).
  let difference = a - b
  let part = difference - a
  let lost = (a - (difference - part)) - (b + part)
  let turns = (difference * 0x1.45f306dc9c883p-3).rounded(.toNearestOrEven)  // 1 / 2π
  // 2π as the sum of two doubles.
  return difference.addingProduct(-turns, 0x1.921fb54442d18p2) + lost.addingProduct(-turns, 0x1.1a62633145c07p-52)
}

/// Of IEEE's power, x⁰ and 1ʸ are 1 whatever the other is; what is missing stays missing here.
@inline(__always)
func power(_ a: Double, _ b: Double) -> Double { a == a && b == b ? Elementary.power(a, b) : .nan }

@inline(__always)
func least(_ a: Double, _ b: Double) -> Double { a == a && b == b ? (b < a ? b : a) : .nan }

@inline(__always)
func greatest(_ a: Double, _ b: Double) -> Double { a == a && b == b ? (a < b ? b : a) : .nan }

@inline(__always)
func truth(_ isTrue: Bool, _ a: Double, _ b: Double) -> Double { a == a && b == b ? (isTrue ? 1 : 0) : .nan }

@inline(__always)
func conjunction(_ a: Double, _ b: Double) -> Double { a == 0 || b == 0 ? 0 : a * b }

@inline(__always)
func disjunction(_ a: Double, _ b: Double) -> Double { a == 1 || b == 1 ? 1 : a + b }

@inline(__always)
func choice(_ condition: Double, _ a: Double, _ b: Double) -> Double {
  condition == 1 ? a : condition == 0 ? b : .nan
}

/// The arithmetic of operations on columns.
public enum ColumnArithmetic {
  /// Computes `count` results from arrays. Arrays that the operation does not use are not read.
  ///
  /// The result may overwrite an operand.
  // SAFETY: the caller passes arrays of `count` values.
  @unsafe
  public static func apply(
    _ operation: ColumnOperation, to result: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>,
    _ b: UnsafePointer<Double>, _ c: UnsafePointer<Double>, count: Int
  ) {
    switch operation {
    case .negative: unsafe map(result, a, count) { -$0 }
    case .magnitude: unsafe map(result, a, count) { $0.magnitude }
    case .squareRoot: unsafe map(result, a, count) { $0.squareRoot() }
    case .naturalLogarithm: unsafe transform(result, a, count) { Elementary.naturalLogarithm(&$0) }
    case .decimalLogarithm: unsafe transform(result, a, count) { Elementary.decimalLogarithm(&$0) }
    case .logarithmOnePlus: unsafe transform(result, a, count) { Elementary.logarithmOnePlus(&$0) }
    case .exponential: unsafe transform(result, a, count) { Elementary.exponential(&$0) }
    case .exponentialMinusOne: unsafe transform(result, a, count) { Elementary.exponentialMinusOne(&$0) }
    case .sine: unsafe transform(result, a, count) { Elementary.sine(&$0) }
    case .cosine: unsafe transform(result, a, count) { Elementary.cosine(&$0) }
    case .tangent: unsafe transform(result, a, count) { Elementary.tangent(&$0) }
    case .arcTangentOfOne: unsafe map(result, a, count) { Elementary.arcTangent(y: $0, x: 1) }
    case .hyperbolicSine: unsafe transform(result, a, count) { Elementary.hyperbolicSine(&$0) }
    case .hyperbolicCosine: unsafe transform(result, a, count) { Elementary.hyperbolicCosine(&$0) }
    case .hyperbolicTangent: unsafe transform(result, a, count) { Elementary.hyperbolicTangent(&$0) }
    case .inverseHyperbolicSine: unsafe transform(result, a, count) { Elementary.inverseHyperbolicSine(&$0) }
    case .floor: unsafe map(result, a, count) { $0.rounded(.down) }
    case .not: unsafe map(result, a, count) { 1 - $0 }
    case .isMissing: unsafe map(result, a, count) { $0 == $0 ? 0 : 1 }
    case .sum: unsafe map(result, a, b, count) { $0 + $1 }
    case .difference: unsafe map(result, a, b, count) { $0 - $1 }
    case .product: unsafe map(result, a, b, count) { $0 * $1 }
    case .quotient: unsafe map(result, a, b, count) { $0 / $1 }
    case .power: unsafe map(result, a, b, count) { power($0, $1) }
    case .arcTangent: unsafe map(result, a, b, count) { Elementary.arcTangent(y: $0, x: $1) }
    case .least: unsafe map(result, a, b, count) { ColumnKernels.least($0, $1) }
    case .greatest: unsafe map(result, a, b, count) { ColumnKernels.greatest($0, $1) }
    case .less: unsafe map(result, a, b, count) { truth($0 < $1, $0, $1) }
    case .atMost: unsafe map(result, a, b, count) { truth($0 <= $1, $0, $1) }
    case .equal: unsafe map(result, a, b, count) { truth($0 == $1, $0, $1) }
    case .unequal: unsafe map(result, a, b, count) { truth($0 != $1, $0, $1) }
    case .and: unsafe map(result, a, b, count) { conjunction($0, $1) }
    case .or: unsafe map(result, a, b, count) { disjunction($0, $1) }
    case .angle: unsafe map(result, a, b, count) { ColumnKernels.angle($0, $1) }
    case .choice:
      for index in 0..<count { unsafe result[index] = ColumnKernels.choice(a[index], b[index], c[index]) }
    }
  }
}

/// Copies the operand to the result, which `function` then changes in place.
@inline(__always) @unsafe
private func transform(
  _ result: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ count: Int,
  _ function: (inout MutableSpan<Double>) -> Void
) {
  if unsafe UnsafePointer(result) != a { for index in 0..<count { unsafe result[index] = a[index] } }
  var span = unsafe MutableSpan(_unsafeStart: result, count: count)
  function(&span)
}

@inline(__always) @unsafe
private func map(
  _ result: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ count: Int, _ value: (Double) -> Double
) {
  for index in 0..<count { unsafe result[index] = value(a[index]) }
}

@inline(__always) @unsafe
private func map(
  _ result: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int,
  _ value: (Double, Double) -> Double
) {
  for index in 0..<count { unsafe result[index] = value(a[index], b[index]) }
}
