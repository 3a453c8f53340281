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
  case .silu: unsafe transform(values, count: count) { sigmoidLinear($0) }
  case .gelu: unsafe transform(values, count: count) { normalLinear($0) }
  case .leakyRelu: unsafe transform(values, count: count) { leaky($0) }
  case .elu: unsafe transform(values, count: count) { exponentialLinear($0) }
  }
}

/// The same, and slopes[i] ← f′ at the value that was there. The values have the same bits as without slopes.
///
/// Both hold `count` floats, a multiple of 8, and do not overlap.
public func activateWithSlopes(
  _ kind: Activation, _ values: UnsafeMutablePointer<Float>, slopes: UnsafeMutablePointer<Float>, count: Int
) {
  switch kind {
  case .relu: unsafe transform(values, slopes, count: count, rectifierWithSlope)
  case .tanh: unsafe transform(values, slopes, count: count, tangentWithSlope)
  case .sigmoid: unsafe transform(values, slopes, count: count, sigmoidWithSlope)
  case .linear: unsafe transform(values, slopes, count: count, linearWithSlope)
  case .silu: unsafe transform(values, slopes, count: count, sigmoidLinearWithSlope)
  case .gelu: unsafe transform(values, slopes, count: count, normalLinearWithSlope)
  case .leakyRelu: unsafe transform(values, slopes, count: count, leakyWithSlope)
  case .elu: unsafe transform(values, slopes, count: count, exponentialLinearWithSlope)
  }
}

/// gradient[i] ← gradient[i] · f′, with the derivative from the activation's output y = output[i]: relu y > 0
/// (which gives +0 elsewhere, whatever the gradient is), tanh 1 − y² (one rounding), sigmoid y · (1 − y), linear 1, leaky_relu
/// 0.2 where y < 0, elu y + 1 where y ≤ 0 (one rounding with the gradient). Not for activations whose derivative does not follow
/// from the output.
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
  case .leakyRelu: unsafe combine(gradient, output, count: count, throughLeaky)
  case .elu: unsafe combine(gradient, output, count: count, throughExponentialLinear)
  case .silu, .gelu: preconditionFailure("a derivative that does not follow from the output")
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

@inline(__always) private func throughLeaky(_ gradient: Lanes, _ y: Lanes) -> Lanes {
  select(y .< 0, gradient * leak, gradient)
}

@inline(__always) private func throughExponentialLinear(_ gradient: Lanes, _ y: Lanes) -> Lanes {
  select(y .> 0, gradient, gradient.addingProduct(gradient, y))
}

/// The slope of leaky_relu for negative values.
@inline(__always) private var leak: Lanes { Lanes(repeating: 0.2) }

@inline(__always) private func leaky(_ x: Lanes) -> Lanes { select(x .< 0, x * leak, x) }

private typealias Pair = (value: Lanes, slope: Lanes)

@inline(__always) private func rectifierWithSlope(_ x: Lanes) -> Pair {
  (x.rectified(), Lanes(repeating: 1).kept(wherePositive: x))
}

@inline(__always) private func tangentWithSlope(_ x: Lanes) -> Pair {
  let y = hyperbolicTangent(x)
  return (y, Lanes(repeating: 1).addingProduct(-y, y))
}

@inline(__always) private func sigmoidWithSlope(_ x: Lanes) -> Pair {
  let y = logisticSigmoid(x)
  return (y, y * (1 - y))
}

@inline(__always) private func linearWithSlope(_ x: Lanes) -> Pair { (x, Lanes(repeating: 1)) }

@inline(__always) private func leakyWithSlope(_ x: Lanes) -> Pair {
  (leaky(x), select(x .< 0, leak, Lanes(repeating: 1)))
}

@inline(__always) private func exponentialLinearWithSlope(_ x: Lanes) -> Pair {
  let y = exponentialLinear(x)
  return (y, select(y .> 0, Lanes(repeating: 1), y + 1))
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

/// (values[i], slopes[i]) ← function(values[i]), eight at a time.
@inline(__always) private func transform(
  _ values: UnsafeMutablePointer<Float>, _ slopes: UnsafeMutablePointer<Float>, count: Int,
  _ function: (Lanes) -> Pair
) {
  for i in stride(from: 0, to: count, by: 8) {
    // The caller owns `count` floats at both.
    let (value, slope) = unsafe function(load(values + i))
    unsafe store(value, values + i)
    unsafe store(slope, slopes + i)
  }
}
