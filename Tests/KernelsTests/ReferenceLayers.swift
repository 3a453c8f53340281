import KernelOperands
import Numerics

// Scalar twins of what hidden layers do besides products.

extension Reference {
  /// mantissa · 2^n through two factors, as `scaled`.
  private static func scaled(_ value: Float, _ exponent: Int) -> Float {
    let half = exponent >> 1
    return value * power(half) * power(exponent - half)
  }

  private static func power(_ n: Int) -> Float { Float(sign: .plus, exponent: n, significand: 1) }

  private static func bounded(_ x: Float, _ limit: Float) -> Float { x.magnitude > limit ? limit : x.magnitude }

  static func sigmoidLinear(_ x: Float) -> (value: Float, slope: Float) {
    let magnitude = bounded(x, 110)
    let (mantissa, exponent) = exponentialParts(-magnitude)
    let decay = scaled(mantissa, exponent)
    let quotient = (x < 0 ? decay : 1) / (1 + decay)
    let product = magnitude * mantissa
    let value = x < 0 ? 0 - scaled(product.addingProduct(-product, quotient), exponent) : x * quotient
    let sigmoid = x < 0 ? decay.addingProduct(-decay, quotient) : quotient
    let signed = Float(signOf: x, magnitudeOf: magnitude)
    return (value, sigmoid * Float(1).addingProduct(signed, x < 0 ? 1 - sigmoid : decay * quotient))
  }

  static func normalLinear(_ x: Float) -> (value: Float, slope: Float) {
    let a = bounded(x, 14.8)
    let reciprocal = 1 / (a + 4)
    let place = Float(-0.4375).addingProduct(a, reciprocal)
    let coefficients: [Float] = [
      -0x1.1d8846p-4, 0x1.568ec6p-4, 0x1.5ab7e8p-3, -0x1.399910p-2, -0x1.208b32p-3, 0x1.06e176p+0, -0x1.bdf3cap+0,
      0x1.d9fd02p+0, -0x1.6d84e6p+0, 0x1.ace714p-1,
    ]
    let m = coefficients.dropFirst().reduce(coefficients[0]) { $1.addingProduct($0, place) } * reciprocal
    let square = a * a
    let (mantissa, exponent) = exponentialParts(-0.5 * square)
    let decay = scaled(mantissa.addingProduct(mantissa * -0.5, (-square).addingProduct(a, a)), exponent)
    let tail = m * decay
    let distribution = x < 0 ? tail : 1 - tail
    let signed = Float(signOf: x, magnitudeOf: a)
    return (x < 0 ? 0 - a * m * decay : x * distribution, distribution.addingProduct(signed, decay * 0x1.988454p-2))
  }

  static func exponentialLinear(_ x: Float) -> Float {
    if x > 0 { return x }
    let bounded = x < -20 ? -20 : x
    let shift: Float = 0x1.8p23
    let n = shift.addingProduct(bounded, 0x1.715476p0) - shift
    let r = bounded.addingProduct(n, -0x1.62e430p-1).addingProduct(n, 0x1.05c610p-29)
    let coefficients: [Float] = [0x1.6d5d32p-10, 0x1.123c20p-7, 0x1.5554dap-5, 0x1.55548ep-3, 0.5]
    let q = coefficients.dropFirst().reduce(coefficients[0]) { $1.addingProduct($0, r) }
    let factor = n.isNaN ? 1 : power(Int(n))
    return (factor - 1).addingProduct(r.addingProduct(q, r * r), factor)
  }

  /// The activation, and its derivative there.
  static func activationAndSlope(_ kind: Activation, _ x: Float) -> (value: Float, slope: Float) {
    switch kind {
    case .relu: return (x < 0 ? 0 : x, x > 0 ? 1 : 0)
    case .linear: return (x, 1)
    case .leakyRelu: return x < 0 ? (x * 0.2, 0.2) : (x, 1)
    case .tanh:
      let y = hyperbolicTangent(x)
      return (y, Float(1).addingProduct(-y, y))
    case .sigmoid:
      let y = logisticSigmoid(x)
      return (y, y * (1 - y))
    case .silu: return sigmoidLinear(x)
    case .gelu: return normalLinear(x)
    case .elu:
      let y = exponentialLinear(x)
      return (y, y > 0 ? 1 : y + 1)
    }
  }

  /// The sum over the units of an event: eight lanes, then theirs.
  private static func total(_ values: [Float], _ add: (Float, Float) -> Float = { $0 + $1 }) -> Float {
    var lanes = [Float](repeating: 0, count: 8)
    for (index, value) in values.enumerated() { lanes[index % 8] = add(lanes[index % 8], value) }
    return total(lanes: lanes)
  }

  private static func total(lanes l: [Float]) -> Float {
    ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
  }

  private static func totalOfProducts(_ a: [Float], _ b: [Float]) -> Float {
    var lanes = [Float](repeating: 0, count: 8)
    for (index, (a, b)) in zip(a, b).enumerated() { lanes[index % 8] = lanes[index % 8].addingProduct(a, b) }
    return total(lanes: lanes)
  }

  /// One event of `normalize`.
  static func normalize(
    _ z: [Float], scales: [Float], shifts: [Float]
  ) -> (values: [Float], normalized: [Float], inverseDeviation: Float) {
    let inverse = 1 / Float(z.count)
    let mean = total(z) * inverse
    let differences = z.map { $0 - mean }
    let variance = totalOfProducts(differences, differences) * inverse
    let factor = 1 / (variance + 1e-3).squareRoot()
    let normalized = differences.map { $0 * factor }
    return (normalized.indices.map { shifts[$0].addingProduct(scales[$0], normalized[$0]) }, normalized, factor)
  }

  /// One event of `backpropagate`.
  static func backpropagate(
    _ gradient: [Float], scales: [Float], normalized: [Float], inverseDeviation: Float
  ) -> [Float] {
    let inverse = 1 / Float(gradient.count)
    let h = zip(scales, gradient).map { $0 * $1 }
    let (mean, product) = (total(h) * inverse, totalOfProducts(h, normalized) * inverse)
    return h.indices.map { (h[$0] - mean).addingProduct(-normalized[$0], product) * inverseDeviation }
  }

  /// Whether the event at this place of the epoch's order keeps a unit, from the documentation of `DropoutMask`.
  static func keeps(_ unit: Int, place: Int, stream: CounterRandom, threshold: UInt32) -> Bool {
    let key = stream.word(UInt64(place))
    var h = UInt32(key & 0xFFFF_FFFF) &+ UInt32(truncatingIfNeeded: unit) &* 0x9E37_79B9
    h = (h ^ (h >> 16)) &* 0x21F0_AAAD
    h ^= UInt32(key >> 32)
    h = (h ^ (h >> 15)) &* 0x735A_2D97
    return h >= threshold
  }
}
