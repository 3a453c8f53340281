import Foundation
import KernelOperands
import NeuralNetwork
import Testing

@Suite struct InitializationTests {
  static func weights(_ initializer: Initializer, seed: UInt64 = 1) -> [Float] {
    var network = Network(
      NetworkSpecification(inputs: 100, hidden: [.init(units: 50, activation: .relu)], classes: 4))
    network.initialize(initializer, seed: seed)
    let layer = network.layout.layers[0]
    #expect(network.parameters.withSpan { $0.biases(of: layer) }.allSatisfy { $0 == 0 })
    return network.parameters.withSpan { $0.weights(of: layer) }
  }

  static func deviation(_ values: [Float]) -> Double {
    (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)).squareRoot()
  }

  @Test(arguments: [
    (Initializer.randomUniform(low: -10, high: 10), 10.0), (.glorotUniform, 0.2), (.heUniform, 0.244_948_974),
    (.lecunUniform, 0.173_205_081),
  ])
  func uniformOnesFillTheirInterval(_ initializer: Initializer, _ limit: Double) {
    let weights = Self.weights(initializer).map { Double($0) }
    #expect(weights.allSatisfy { abs($0) <= limit })
    #expect((weights.max() ?? 0) > 0.99 * limit && (weights.min() ?? 0) < -0.99 * limit)
    // 5,000 weights: the mean of |w| / limit is 1/2 ± 0.004.
    #expect(abs(weights.reduce(0) { $0 + abs($1) } / 5000 / limit - 0.5) < 0.02)
  }

  @Test(arguments: [(Initializer.heNormal, 0.02), (.glorotNormal, 2.0 / 150), (.lecunNormal, 0.01)])
  func normalOnesHaveTheirDeviation(_ initializer: Initializer, _ variance: Double) {
    let weights = Self.weights(initializer)
    #expect(abs(Self.deviation(weights) / variance.squareRoot() - 1) < 0.04)
    let beyondOne = weights.count { abs(Double($0)) > variance.squareRoot() }
    #expect(abs(Double(beyondOne) / 5000 - 0.3173) < 0.03)
  }

  @Test func zerosAreZero() { #expect(Self.weights(.zeros).allSatisfy { $0 == 0 }) }

  @Test func seedsDiffer() {
    #expect(Self.weights(.heUniform, seed: 1) != Self.weights(.heUniform, seed: 2))
    #expect(Self.weights(.heUniform, seed: 1) == Self.weights(.heUniform, seed: 1))
  }

  /// Every weight of a network of several layers: to the bit, but for normal ones, whose logarithm, sine and cosine are within
  /// an ulp of Foundation's in double and so, rounded, at most the neighbouring float.
  @Test(arguments: [1, 0xFEDC_BA98_7654_3210] as [UInt64])
  func weightsAreThoseOfTheirTwin(_ seed: UInt64) {
    let initializers: [Initializer] = [
      .randomUniform(low: -0.3, high: 0.7), .glorotUniform, .heUniform, .lecunUniform, .heNormal, .glorotNormal,
      .lecunNormal, .zeros,
    ]
    for initializer in initializers {
      var network = GradientEngineTests.network([5, 30, 7, 3], .relu)
      network.initialize(initializer, seed: seed)
      for (number, layer) in network.layout.layers.enumerated() {
        let weights = network.parameters.withSpan { $0.weights(of: layer) }
        let twin = WeightTwin(seed: seed, layer: number, inputs: layer.inputs, outputs: layer.outputs)
        for input in 0..<layer.inputs {
          for output in 0..<layer.outputs {
            let found = weights[output * layer.inputs + input]
            let expected = twin.weight(initializer, input * layer.outputs + output)
            let distance = (found - expected).magnitude
            #expect(
              distance <= ([.heNormal, .glorotNormal, .lecunNormal].contains(initializer) ? expected.ulp : 0),
              "\(initializer), weight \(input) → \(output)")
          }
        }
        #expect(network.parameters.withSpan { $0.biases(of: layer) }.allSatisfy { $0 == 0 })
      }
    }
  }
}

/// The initial weights of a layer, written from what Initialization.swift and CounterRandom.swift say in words.
private struct WeightTwin {
  let key: UInt64
  let inputs: Int
  let outputs: Int

  init(seed: UInt64, layer: Int, inputs: Int, outputs: Int) {
    let stream = 0x3_0000_0000 + UInt64(layer)
    key = Self.mix(Self.mix(seed &+ Self.phi) &+ Self.phi &* stream)
    (self.inputs, self.outputs) = (inputs, outputs)
  }

  func weight(_ initializer: Initializer, _ number: Int) -> Float {
    switch initializer {
    case .zeros: return 0
    case .randomUniform(let low, let high): return uniform(Double(low), Double(high), number)
    case .glorotUniform:
      let limit = (6 / Double(inputs + outputs)).squareRoot()
      return uniform(-limit, limit, number)
    case .heUniform:
      let limit = (6 / Double(inputs)).squareRoot()
      return uniform(-limit, limit, number)
    case .lecunUniform:
      let limit = (3 / Double(inputs)).squareRoot()
      return uniform(-limit, limit, number)
    case .heNormal: return normal(2 / Double(inputs), number)
    case .glorotNormal: return normal(2 / Double(inputs + outputs), number)
    case .lecunNormal: return normal(1 / Double(inputs), number)
    }
  }

  private func normal(_ variance: Double, _ number: Int) -> Float {
    let pair = number / 2
    let radius = (-2 * log(1 - u(2 * pair))).squareRoot()
    let angle = 2 * Double.pi * u(2 * pair + 1)
    return Float(variance.squareRoot() * radius * (number % 2 == 0 ? cos(angle) : sin(angle)))
  }

  private func uniform(_ low: Double, _ high: Double, _ number: Int) -> Float {
    Float(low + (high - low) * u(number))
  }

  /// Number `counter` of the stream, in [0, 1).
  private func u(_ counter: Int) -> Double {
    Double(Self.mix(key &+ Self.phi &* (UInt64(counter) &+ 1)) >> 11) / 0x1p53
  }

  private static let phi: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z ^= z >> 30
    z &*= 0xBF58_476D_1CE4_E5B9
    z ^= z >> 27
    z &*= 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return z
  }
}
