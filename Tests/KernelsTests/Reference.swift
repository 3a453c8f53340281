/// Scalar twins of the kernels: the same operations in the same order, one element at a time, so that the bits match.
enum Reference {
  static func exponentialParts(_ x: Float) -> (mantissa: Float, exponent: Int) {
    let shift: Float = 0x1.8p23
    let n = shift.addingProduct(x, 0x1.715476p0) - shift
    let coarse = x.addingProduct(n, -0x1.62e430p-1)
    let r = coarse.addingProduct(n, 0x1.05c610p-29)
    let q = polynomial([0x1.6d5d32p-10, 0x1.123c20p-7, 0x1.5554dap-5, 0x1.55548ep-3, 0.5], r)
    return (1 + r.addingProduct(q, r * r), n.isNaN ? 0 : Int(n))
  }

  static func exponential(_ x: Float) -> Float {
    let (mantissa, exponent) = exponentialParts(x < -104 ? -104 : x > 89 ? 89 : x)
    let half = exponent >> 1
    return mantissa * powerOfTwo(half) * powerOfTwo(exponent - half)
  }

  static func naturalLogarithm(_ x: Float) -> Float {
    if x == 0 { return -.infinity }
    if x < 0 { return .nan }
    if !x.isFinite { return x }
    let isSubnormal = x < 0x1p-126
    let normal = isSubnormal ? x * 0x1p23 : x
    // 1 + f = normal · 2⁻ᵏ within [√½, √2).
    let k = normal.significand < 0x1.6a09e6p0 ? normal.exponent : normal.exponent + 1
    let f = (normal.significand < 0x1.6a09e6p0 ? normal.significand : normal.significand / 2) - 1
    let exponent = Float(isSubnormal ? Int(k) - 23 : Int(k))
    let p = polynomial(
      [
        -0x1.37a09ap-4, 0x1.082f58p-3, -0x1.0f46b4p-3, 0x1.22752ep-3, -0x1.5425f0p-3, 0x1.99a3d8p-3, -0x1.000430p-2,
        0x1.555550p-2, -0x1.fffff8p-2,
      ], f)
    let whole = exponent * 0x1.62e4p-1
    let sum = whole + f
    let lost = f - (sum - whole)
    return sum + lost.addingProduct(exponent, 0x1.7f7d1cp-20).addingProduct(p, f * f)
  }

  static func hyperbolicTangent(_ x: Float) -> Float {
    let magnitude = x.magnitude
    if magnitude < 0.7 {
      let square = x * x
      let t = polynomial(
        [-0x1.50e2c8p-8, 0x1.4939ccp-6, -0x1.b6c364p-5, 0x1.10fb0ap-3, -0x1.5554f6p-2], square)
      return Float(signOf: x, magnitudeOf: magnitude.addingProduct(t * square, magnitude))
    }
    let bounded = magnitude > 10 ? 10 : magnitude
    let (mantissa, exponent) = exponentialParts(bounded + bounded)
    let power = Float(1).addingProduct(mantissa, powerOfTwo(exponent))
    return Float(signOf: x, magnitudeOf: 1 - 2 / power)
  }

  static func logisticSigmoid(_ x: Float) -> Float {
    let decay = exponential(-x.magnitude)
    if x < 0 { return decay.addingProduct(-decay, decay / (1 + decay)) }
    return 1 / (1 + decay)
  }

  /// One event of `softmaxCrossEntropy`.
  static func softmaxCrossEntropy(
    logits: [Float], label: Int, weight: Float
  ) -> (gradient: [Float], loss: Float, isCorrect: Bool) {
    let softmax = SoftmaxParts(logits)
    let gradient = softmax.powers.enumerated().map { index, power in
      (index == label ? Float(-1) : 0).addingProduct(power, 1 / softmax.total) * weight
    }
    let belowMaximum = logits.indices.contains(label) ? softmax.belowMaximum[label] : .nan
    let loss = (naturalLogarithm(softmax.total) - belowMaximum) * weight
    return (gradient, loss, !softmax.total.isNaN && softmax.best == label)
  }

  static func softmax(_ logits: [Float]) -> [Float] {
    let softmax = SoftmaxParts(logits)
    return softmax.powers.map { $0 * (1 / softmax.total) }
  }

  private struct SoftmaxParts {
    var best = 0
    var belowMaximum: [Float]
    var powers: [Float]
    var total: Float = 0

    init(_ logits: [Float]) {
      var maximum = -Float.infinity
      for (index, logit) in logits.enumerated() where logit > maximum {
        maximum = logit
        best = index
      }
      belowMaximum = logits.map { $0 == maximum ? 0 : $0 - maximum }
      powers = belowMaximum.map(exponential)
      for power in powers { total += power }
    }
  }

  /// Horner's rule, the coefficient of the highest power first.
  private static func polynomial(_ coefficients: [Float], _ x: Float) -> Float {
    coefficients.dropFirst().reduce(coefficients[0]) { $1.addingProduct($0, x) }
  }

  private static func powerOfTwo(_ n: Int) -> Float {
    Float(sign: .plus, exponent: n, significand: 1)
  }
}
