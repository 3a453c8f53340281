public import KernelOperands

/// Σ g² over the parameters of a dense layer, of the mean gradient with an L2 penalty, g = gradient · toMean + penalty · w for
/// weights w and g = gradient · toMean for the rows after them, in double.
///
/// - Parameters:
///   - parameters: (rows, stride); `stride` is a multiple of 8. The first `inputs` rows are weights.
///   - source: For a single event, `rows` is `inputs` + 1.
///   - toMean: As for `update(parameters:…)`.
///   - penalty: Twice the factor of the penalty; 0 for none.
///
/// The order is that of memory whichever way the gradient comes: lane l takes in the parameters l, l + 8, … of all even rows in
/// one sum, of all odd rows in another; then even and odd sums are added, then the lanes from 0 to 7. So the bits are the same.
public func squaredNorm(
  parameters: UnsafePointer<Float>, rows: Int, inputs: Int, stride: Int, from source: GradientSource, toMean: Double,
  penalty: Double
) -> Double {
  let norm = unsafe GradientNorm(
    parameters: parameters, rows: rows, inputs: inputs, stride: stride, toMean: toMean, penalty: penalty)
  // The caller owns a sum for every parameter, or the layer's inputs and deltas.
  switch unsafe source {
  case .gridSums(let sums):
    return unsafe norm.sum { row, column in
      unsafe UnsafeRawPointer(sums + (row &* stride &+ column)).loadUnaligned(as: SIMD8<Double>.self)
    }
  case .plainSums(let sums):
    return unsafe norm.sum { row, column in widened(unsafe load(sums + (row &* stride &+ column))) }
  case .event(let input, let delta):
    return unsafe norm.sum { row, column in
      // As the update makes it: a float32 product.
      let x = Lanes(repeating: unsafe row < inputs ? input[row] : 1)
      return widened(Lanes(repeating: 0).addingProduct(x, unsafe load(delta + column)))
    }
  }
}

@unsafe private struct GradientNorm {
  let parameters: UnsafePointer<Float>
  let rows: Int
  let inputs: Int
  let stride: Int
  let toMean: Double
  let penalty: Double

  @inline(__always) func sum(_ gradient: (_ row: Int, _ column: Int) -> SIMD8<Double>) -> Double {
    let toMean = unsafe SIMD8<Double>(repeating: self.toMean)
    var even = SIMD8<Double>(repeating: 0)
    var odd = even
    var row = 0
    while unsafe row < rows {
      unsafe add(row, toMean, &even, gradient)
      if unsafe row &+ 1 < rows { unsafe add(row &+ 1, toMean, &odd, gradient) }
      row &+= 2
    }
    let lanes = even + odd
    var sum = lanes[0]
    for lane in 1..<8 { sum += lanes[lane] }
    return sum
  }

  @inline(__always) private func add(
    _ row: Int, _ toMean: SIMD8<Double>, _ sum: inout SIMD8<Double>,
    _ gradient: (_ row: Int, _ column: Int) -> SIMD8<Double>
  ) {
    let penalty = SIMD8<Double>(repeating: unsafe row < inputs ? self.penalty : 0)
    for column in unsafe Swift.stride(from: 0, to: stride, by: 8) {
      let w = unsafe widened(load(parameters + (row &* stride &+ column)))  // The caller owns it.
      let g = (gradient(row, column) * toMean).addingProduct(w, penalty)
      sum = sum.addingProduct(g, g)
    }
  }
}
