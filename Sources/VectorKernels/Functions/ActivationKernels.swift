public import KernelOperands

/// values[i] ← f(values[i]), each element by itself: the bits do not depend on its place.
///
/// `values` holds `count` floats, a multiple of 8: a whole row-major matrix with its padding columns, whose values
/// stay finite. NaN stays NaN.
public func activate(_ kind: Activation, _ values: UnsafeMutablePointer<Float>, count: Int) {
  switch kind {
  case .relu: unsafe transform(values, count: count) { $0.rectified() }
  case .tanh: unsafe transform(values, count: count) { hyperbolicTangent($0) }
  case .sigmoid: unsafe transform(values, count: count) { logisticSigmoid($0) }
  case .linear: break
  }
}

/// gradient[i] ← gradient[i] · f′, with the derivative from the activation's output y = output[i]: relu y > 0
/// (which gives +0 elsewhere, whatever the gradient is), tanh 1 − y² (one rounding), sigmoid y · (1 − y), linear 1.
///
/// Both hold `count` floats, a multiple of 8, and do not overlap.
public func multiplyByDerivative(
  _ kind: Activation, gradient: UnsafeMutablePointer<Float>, output: UnsafePointer<Float>, count: Int
) {
  switch kind {
  case .relu: unsafe combine(gradient, output, count: count, throughRelu)
  case .tanh: unsafe combine(gradient, output, count: count, throughTanh)
  case .sigmoid: unsafe combine(gradient, output, count: count, throughSigmoid)
  case .linear: break
  }
}

// Named functions, for closures here were not inlined.

@inline(__always) private func throughRelu(_ gradient: Lanes, _ y: Lanes) -> Lanes {
  gradient.kept(wherePositive: y)
}

@inline(__always) private func throughTanh(_ gradient: Lanes, _ y: Lanes) -> Lanes {
  gradient * Lanes(repeating: 1).addingProduct(-y, y)
}

@inline(__always) private func throughSigmoid(_ gradient: Lanes, _ y: Lanes) -> Lanes {
  gradient * (y * (1 - y))
}

/// target[i] ← function(target[i], other[i]), eight at a time.
@inline(__always) private func combine(
  _ target: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>, count: Int,
  _ function: (Lanes, Lanes) -> Lanes
) {
  for i in stride(from: 0, to: count, by: 8) {
    // The caller owns `count` floats at both.
    unsafe store(function(load(target + i), load(other + i)), target + i)
  }
}
