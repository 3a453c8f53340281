import KernelOperands
import NeuralNetwork
import Testing

/// What all optimisers share: clipping, the penalty, the running mean, who decays.
@Suite struct OptimizerRulesTests {
  private static let rate = 0.05

  /// A network and sums of the gradient of 20 events.
  private struct Bench: ~Copyable {
    var network = GradientEngineTests.network([5, 6, 3], .tanh)
    var engine: GradientEngine
    let sample = Sample(events: 20, features: 5, classes: 3)

    init(block: Int = 8) {
      engine = GradientEngine(layout: network.layout, capacity: block, threads: 1, training: true)
      sum(block: block)
    }

    mutating func sum(block: Int = 8) {
      let sample = sample
      let plan = BlockPlan(events: 20, block: block)
      engine.sumBlocks(of: network, plan, blocks: 0..<plan.blocks, grid: GradientGrid(layers: 2)) {
        sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3)
      }
    }

    /// Σ t·∇ℓ / n in double: sums of several blocks are in units of 2⁻²⁴.
    var gradient: [Double] { (0..<network.layout.count).map { engine.sums.values[$0] * 0x1p-24 / 20 } }

    /// Whether a parameter is a weight.
    var isWeight: [Bool] {
      var found = [Bool](repeating: false, count: network.layout.count)
      for layer in network.layout.layers { for index in layer.weights..<layer.biases { found[index] = true } }
      return found
    }

    /// The parameters after a step.
    mutating func moved(_ options: OptimizerOptions, l2: Double = 0) -> [Float] {
      var optimizer = Optimizer(options, l2: l2, layout: network.layout)
      optimizer.startAverage(from: network)
      optimizer.step(&network, engine, learningRate: OptimizerRulesTests.rate, atStep: 0, meanWeight: 1)
      return network.parameters.array
    }
  }

  private static let plain = SGD(learningRate: rate)

  @Test func aGradientThatIsShortEnoughStaysToTheBit() {
    for formulas in [OptimizerOptions.Formulas.sgd(SGD(learningRate: 0.05, momentum: 0.9)), .adam(Adam())] {
      var one = Bench()
      var other = Bench()
      #expect(one.moved(OptimizerOptions(formulas, globalClipNorm: 1e6)) == other.moved(OptimizerOptions(formulas)))
    }
  }

  /// The norm is that of all layers together, and includes the penalty; so does what is shortened.
  @Test(arguments: [0, 0.3]) func aLongGradientIsShortenedToTheNorm(l2: Double) {
    var bench = Bench()
    let before = bench.network.parameters.array.map { Double($0) }
    let isWeight = bench.isWeight
    let gradient = bench.gradient.enumerated().map { $1 + (isWeight[$0] ? 2 * l2 * before[$0] : 0) }
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let optimizer = Optimizer(.sgd(Self.plain), l2: l2, layout: bench.network.layout)
    let found = optimizer.gradientNorm(bench.network, bench.engine, inverseWeight: 1.0 / 20)
    #expect(abs(found - norm) <= 1e-14 * norm && norm > 0.1)
    let after = bench.moved(OptimizerOptions(.sgd(Self.plain), globalClipNorm: 0.25 * norm), l2: l2)
    for (index, parameter) in after.enumerated() {
      let expected = before[index] - Self.rate * 0.25 * gradient[index]
      // Gradient, penalty, product and sum are rounded once each.
      let bound = 0x1p-24 * (abs(expected) + 4 * Self.rate * (abs(gradient[index]) + 2 * l2 * abs(before[index])))
      #expect(abs(Double(parameter) - expected) <= bound)
    }
  }

  /// A gradient far beyond what its square could be in float32.
  @Test func aHugeGradientIsShortenedToo() {
    var network = GradientEngineTests.network([5, 6, 3], .linear)
    var engine = GradientEngine(layout: network.layout, capacity: 4, threads: 1, training: true)
    engine.sumBlocks(
      of: network, BlockPlan(events: 1, block: 4), blocks: 0..<1, grid: GradientGrid(layers: 2)
    ) { _, features, labels, weights in
      for index in 0..<8 { features[index] = index == 0 ? 1e10 : 0 }
      labels[0] = 1
      weights[0] = 1e20
      return 1
    }
    let before = network.parameters.array
    var optimizer = Optimizer(OptimizerOptions(.sgd(SGD(learningRate: 1)), globalClipNorm: 1), layout: network.layout)
    optimizer.step(&network, engine, learningRate: 1, atStep: 0, meanWeight: 1)
    let moved = zip(network.parameters.array, before).map { Double($0) - Double($1) }
    #expect(abs(moved.reduce(0) { $0 + $1 * $1 }.squareRoot() - 1) < 1e-5)
  }

  @Test func thePenaltyPullsAtWeightsAlone() {
    var one = Bench()
    var other = Bench()
    let before = one.network.parameters.array
    let (with, without) = (one.moved(.sgd(Self.plain), l2: 0.1), other.moved(.sgd(Self.plain)))
    for (index, isWeight) in one.isWeight.enumerated() {
      let pull = isWeight ? Self.rate * 2 * 0.1 * before[index].asDouble : 0
      #expect(abs(without[index].asDouble - pull - with[index].asDouble) <= 0x1p-21 * abs(before[index].asDouble))
    }
    #expect(with != without)
  }

  @Test(arguments: [true, false]) func biasesDecayOrNot(decaysBiases: Bool) {
    for formulas in [
      OptimizerOptions.Formulas.sgd(SGD(learningRate: 0.05, weightDecay: 0.5)), .adamw(Adam(weightDecay: 0.5)),
    ] {
      func without(_ formulas: OptimizerOptions.Formulas) -> OptimizerOptions.Formulas {
        switch formulas {
        case .sgd(var sgd):
          sgd.weightDecay = 0
          return .sgd(sgd)
        case .adam(var adam), .adamw(var adam):
          adam.weightDecay = 0
          return .adamw(adam)
        }
      }
      var one = Bench()
      var other = Bench()
      let start = one.network.parameters.array.map { $0 + 0.25 }
      for index in start.indices
      where one.network.layout.layers.contains(where: { $0.biases..<$0.biases + $0.outputs ~= index }) {
        one.network.update { $0[index] = start[index] }
        other.network.update { $0[index] = start[index] }
      }
      one.sum()
      other.sum()
      let before = one.network.parameters.array
      let with = one.moved(OptimizerOptions(formulas, decaysBiases: decaysBiases))
      let plain = other.moved(OptimizerOptions(without(formulas)))
      for (index, isWeight) in one.isWeight.enumerated() {
        let decay = isWeight || decaysBiases ? Self.rate * 0.5 * before[index].asDouble : 0
        let bound = 0x1p-22 * (abs(before[index].asDouble) + abs(plain[index].asDouble))
        #expect(abs(plain[index].asDouble - decay - with[index].asDouble) <= bound)
      }
    }
  }

  /// Keras 3: a = w in the first step, then ema · a + (1 − ema) · w. The parameters do not know of it.
  @Test func theRunningMeanFollowsTheParameters() {
    var one = Bench()
    var other = Bench()
    var averaging = Optimizer(OptimizerOptions(.adam(Adam()), ema: 0.9), layout: one.network.layout)
    var plain = Optimizer(.adam(Adam()), layout: one.network.layout)
    averaging.startAverage(from: one.network)
    #expect(averaging.stateNames == ["momentum", "velocity", "average"])
    #expect(averaging.state(2) == one.network.parameters.array)
    var mean: [Double] = []
    for step in 0..<30 {
      averaging.step(&one.network, one.engine, learningRate: 0.05, atStep: step, meanWeight: 1)
      plain.step(&other.network, other.engine, learningRate: 0.05, atStep: step, meanWeight: 1)
      let parameters = one.network.parameters.array.map { Double($0) }
      mean = step == 0 ? parameters : zip(mean, parameters).map { 0.9 * $0 + 0.1 * $1 }
      if step == 0 { #expect(averaging.state(2) == one.network.parameters.array) }
      one.sum()
      other.sum()
    }
    #expect(one.network.parameters.array == other.network.parameters.array)
    for (index, value) in averaging.state(2).enumerated() {
      // Each step rounds a difference, a product and a sum; older errors fade.
      let bound = 30 * 0x1p-24 * (abs(mean[index]) + 0.1)
      #expect(abs(Double(value) - mean[index]) <= bound)
    }
    // The model is the mean, the parameters are back afterwards.
    let (model, parameters) = (averaging.state(2), one.network.parameters.array)
    let seen = averaging.withModel(&one.network) { $0.parameters.array }
    #expect(seen == model && one.network.parameters.array == parameters && averaging.state(2) == model)
    #expect(model != parameters)
  }
}

extension Float {
  fileprivate var asDouble: Double { Double(self) }
}
