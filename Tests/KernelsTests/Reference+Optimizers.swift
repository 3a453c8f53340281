import KernelOperands

// Scalar twins of the moves, of one parameter each.

extension Reference {
  static func adam(
    _ w: inout Float, _ m: inout Float, _ v: inout Float, gradient g: Float, _ coefficients: AdamCoefficients
  ) {
    func kept(_ x: Float) -> Float { x.magnitude < 0x1p-100 ? 0 : x }
    let (first, second) = (coefficients.momentumRate, coefficients.velocityRate)
    m = kept(m.addingProduct(-first, m).addingProduct(first, g))
    v = kept(v.addingProduct(-second, v).addingProduct(second * g, g))
    let step = m * coefficients.rate / (v.squareRoot() + coefficients.epsilon)
    w -= step.addingProduct(coefficients.decay, w)
  }

  static func sgd(_ w: inout Float, _ velocity: inout Float, gradient g: Float, _ coefficients: SGDCoefficients) {
    let move = -coefficients.learningRate * g
    velocity = move.addingProduct(coefficients.momentum, velocity)
    let kept = w * coefficients.remaining
    w = coefficients.nesterov ? (kept + move).addingProduct(coefficients.momentum, velocity) : kept + velocity
  }

  /// `gradient` and `parameters` are (rows, stride), those behind the first `inputs` rows without penalty.
  static func squaredNorm(
    _ gradient: [Double], _ parameters: [Float], inputs: Int, stride: Int, toMean: Double, penalty: Double
  ) -> Double {
    var (even, odd) = ([Double](repeating: 0, count: 8), [Double](repeating: 0, count: 8))
    for (index, sum) in gradient.enumerated() {
      let row = index / stride
      let g = (sum * toMean).addingProduct(Double(parameters[index]), row < inputs ? penalty : 0)
      if row % 2 == 0 { even[index % 8].addProduct(g, g) } else { odd[index % 8].addProduct(g, g) }
    }
    return zip(even, odd).map { $0 + $1 }.reduce(0, +)
  }
}
