import NeuralNetwork
import Testing

@Suite struct InitializationTests {
  static func weights(_ initializer: Initializer, seed: UInt64 = 1) -> [Float] {
    var network = Network(
      NetworkSpecification(inputs: 100, hidden: [.init(units: 50, activation: .relu)], classes: 4))
    network.initialize(initializer, seed: seed)
    let layer = network.layout.layers[0]
    #expect(network.parameters.biases(of: layer).allSatisfy { $0 == 0 })
    return network.parameters.weights(of: layer)
  }

  static func deviation(_ values: [Float]) -> Double {
    (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)).squareRoot()
  }

  @Test(arguments: [
    (Initializer.randomUniform(low: -10, high: 10), 10.0), (.glorotUniform, 0.2), (.heUniform, 0.244_948_974),
  ])
  func uniformOnesFillTheirInterval(_ initializer: Initializer, _ limit: Double) {
    let weights = Self.weights(initializer).map { Double($0) }
    #expect(weights.allSatisfy { abs($0) <= limit })
    #expect((weights.max() ?? 0) > 0.99 * limit && (weights.min() ?? 0) < -0.99 * limit)
    // 5,000 weights: the mean of |w| / limit is 1/2 ± 0.004.
    #expect(abs(weights.reduce(0) { $0 + abs($1) } / 5000 / limit - 0.5) < 0.02)
  }

  @Test func normalOnesHaveTheirDeviation() {
    let weights = Self.weights(.heNormal)
    #expect(abs(Self.deviation(weights) / 0.02.squareRoot() - 1) < 0.04)
    let beyondOne = weights.count { abs(Double($0)) > 0.02.squareRoot() }
    #expect(abs(Double(beyondOne) / 5000 - 0.3173) < 0.03)
  }

  @Test func zerosAreZero() { #expect(Self.weights(.zeros).allSatisfy { $0 == 0 }) }

  @Test func seedsDiffer() {
    #expect(Self.weights(.heUniform, seed: 1) != Self.weights(.heUniform, seed: 2))
    #expect(Self.weights(.heUniform, seed: 1) == Self.weights(.heUniform, seed: 1))
  }
}
