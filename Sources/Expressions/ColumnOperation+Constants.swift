import ColumnKernels
import KernelOperands

extension ColumnOperation {
  /// The result for constant operands.
  func applied(to values: [Double]) -> Double {
    var result = 0.0
    unsafe values.withUnsafeBufferPointer { values in
      unsafe withUnsafeMutablePointer(to: &result) { result in
        guard let start = values.baseAddress else { return }
        // SAFETY: the caller guarantees as many values as operands.
        unsafe ColumnArithmetic.apply(
          self, to: result, start, start + min(1, values.count - 1), start + (values.count - 1), count: 1)
      }
    }
    return result
  }

  /// Why the result is not finite although the operands are.
  func fault(_ values: [Double]) -> String {
    func shown(_ index: Int) -> String { "\(values[index])" }
    switch self {
    case .quotient where values[1] == 0: return "division by zero"
    case .naturalLogarithm, .decimalLogarithm: return "the logarithm of \(shown(0))"
    case .logarithmOnePlus: return "the logarithm of 1 + \(shown(0))"
    case .squareRoot: return "the square root of \(shown(0))"
    case .power: return "\(shown(0)) to the power of \(shown(1))"
    case .sine, .cosine, .tangent: return "an angle of \(shown(0)), too large for its sine to be computed"
    default: return "a result beyond the range of a double"
    }
  }
}
