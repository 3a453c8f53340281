import KernelOperands
import NeuralNetwork
import Testing

@Suite struct OptimizerTests {
  /// Each with what it can do besides; where biases do not decay, there is an L2 penalty too.
  private static let everyOptimizer: [OptimizerOptions] = [
    .sgd(SGD(learningRate: 0.1, momentum: 0.9, nesterov: false, weightDecay: 0.01)),
    .sgd(SGD(learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01)),
    OptimizerOptions(
      .sgd(SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01)), globalClipNorm: 0.3, ema: 0.9, decaysBiases: false
    ),
    .adam(Adam()),
    OptimizerOptions(.adamw(Adam(weightDecay: 0.01)), globalClipNorm: 0.3, ema: 0.9, decaysBiases: false),
  ]

  /// Two steps with made-up sums against the formulas of Keras 3 in scalar float.
  @Test(arguments: [false, true], [0.0, 0.9])
  func stepsFollowTheFormulas(_ nesterov: Bool, _ momentum: Double) {
    var network = GradientEngineTests.network([5, 6, 3], .relu)
    let sample = Sample(events: 20, features: 5, classes: 3)
    var optimizer = Optimizer(
      .sgd(SGD(learningRate: 0.1, momentum: momentum, nesterov: nesterov, weightDecay: 0.01)), layout: network.layout)
    var parameters = network.parameters.array
    var velocity = [Float](repeating: 0, count: parameters.count)
    for step in 0..<2 {
      let rate = step == 0 ? 1 : 0.5
      var engine = GradientEngine(layout: network.layout, capacity: 32, threads: 1, training: true)
      engine.sumBlocks(
        of: network, BlockPlan(events: 20, block: 32), blocks: 0..<1, grid: GradientGrid(layers: 2)
      ) { sample.fill(0..<20, stride: 8, &$1, &$2, &$3) }
      optimizer.step(
        &network, engine, learningRate: optimizer.options.learningRate * rate, atStep: step,
        meanWeight: 1.7)
      let toMean = 1 / (20 * 1.7)
      let learningRate = Float(0.1 * rate)
      for index in parameters.indices {
        let g = Float(engine.sums.values[index] * toMean)
        let move = learningRate * g
        let kept = Float(1 - 0.1 * rate * 0.01) * parameters[index]
        velocity[index] = (-move).addingProduct(Float(momentum), velocity[index])
        parameters[index] =
          nesterov ? (kept - move).addingProduct(Float(momentum), velocity[index]) : kept + velocity[index]
      }
      #expect(network.parameters.array.map(\.bitPattern) == parameters.map(\.bitPattern))
      #expect(optimizer.state(0).map(\.bitPattern) == velocity.map(\.bitPattern))
    }
  }

  /// The velocity of a unit without gradients ends at 0 and is never subnormal on the way.
  @Test(arguments: [false, true], [0.9, 0.5])
  func velocitiesThatShrinkEnd(_ nesterov: Bool, _ momentum: Double) {
    var network = GradientEngineTests.network([5, 6, 3], .relu)
    let sample = Sample(events: 1, features: 5, classes: 3)
    var optimizer = Optimizer(
      .sgd(SGD(learningRate: 0.1, momentum: momentum, nesterov: nesterov)), layout: network.layout)
    optimizer.withMutableState(0) { velocity in
      velocity[0] = 1
      velocity[1] = -0x1p-80
      velocity[2] = .nan
    }
    var engine = GradientEngine(layout: network.layout, capacity: 4, threads: 1, training: true)
    engine.sumBlocks(
      of: network, BlockPlan(events: 1, block: 4), blocks: 0..<1, grid: GradientGrid(layers: 2)
    ) { block, features, labels, weights in
      let rows = sample.fill(0..<1, stride: 8, &features, &labels, &weights)
      weights[0] = 0
      return rows
    }
    for step in 0..<2048 {
      optimizer.step(&network, engine, learningRate: 0.1, atStep: step, meanWeight: 1)
      let state = optimizer.state(0)
      if step == 254, momentum == 0.9 { #expect(state[0] != 0 && state[1] != 0) }
      if step == 255 { #expect(state[1] == 0) }
      if momentum == 0.9 { #expect(!state.contains { $0.isSubnormal }, "step \(step)") }
    }
    let end = optimizer.state(0)
    #expect(end[0] == 0 && end[1] == 0 && end[2].isNaN)
  }

  /// A lone event's step has the bits of the way through the sums, with and without an event weight.
  /// Widths of a layer that are whole and partial registers, and one that is updated row by row.
  @Test(arguments: [Activation.relu, .tanh, .linear], everyOptimizer)
  func aLoneEventTakesTheSameStep(_ activation: Activation, _ options: OptimizerOptions) {
    for (weighted, hidden) in [(false, [30, 13]), (true, [30, 13]), (false, [20, 34, 70]), (true, [20, 34, 70])] {
      let sizes = [15] + hidden + [3]
      let sample = Sample(events: 8, features: 15, classes: 3)
      func trained(alone: Bool) -> [UInt32] {
        var network = GradientEngineTests.network(sizes, activation)
        let layout = network.layout
        var optimizer = Optimizer(options, l2: options.decaysBiases ? 0 : 0.01, layout: layout)
        optimizer.startAverage(from: network)
        var engine = GradientEngine(layout: layout, capacity: 4, threads: 1, training: true)
        for event in 0..<8 {
          let fill: GradientEngine.Fill = { _, features, labels, weights in
            let rows = sample.fill(event..<event + 1, stride: 16, &features, &labels, &weights)
            weights[0] = weighted ? 1.413 : 1
            return rows
          }
          // Alone, no gradient is summed; beside other ranks, it is a sum of one term.
          var grid = GradientGrid(layers: sizes.count - 1)
          engine.sumGradients(
            of: network, BlockPlan(events: 1, block: 4), blocks: 0..<1, isAlone: alone, grid: &grid,
            stopRequested: event == 3, fill: fill
          ) { _ in #expect(!alone) }
          #expect(engine.sums.events == 1 && engine.sums.nonFiniteBlocks == 0)
          #expect(engine.sums.stopRequests == (event == 3 ? 1 : 0))
          optimizer.step(&network, engine, learningRate: 0.1 * 0.5, atStep: event, meanWeight: weighted ? 1.87 : 1)
        }
        return optimizer.stateNames.indices.reduce(into: network.parameters.array) { $0 += optimizer.state($1) }
          .map(\.bitPattern)
      }
      #expect(trained(alone: true) == trained(alone: false))
    }
  }

  /// Infinite features, and deltas times inputs beyond float32, are noticed before a parameter moves.
  @Test(arguments: [Float.infinity, .nan, 3e38])
  func aLoneEventThatIsNotFiniteIsCounted(_ value: Float) {
    let network = GradientEngineTests.network([5, 6, 3], .linear)
    var engine = GradientEngine(layout: network.layout, capacity: 4, threads: 1, training: true)
    var grid = GradientGrid(layers: 2)
    engine.sumGradients(
      of: network, BlockPlan(events: 1, block: 4), blocks: 0..<1, isAlone: true, grid: &grid, stopRequested: false
    ) { _, features, labels, weights in
      for index in 0..<8 { features[index] = index < 5 ? value : 0 }
      labels[0] = 1
      weights[0] = 1
      return 1
    } overRanks: { _ in
    }
    #expect(engine.sums.nonFiniteBlocks > 0)
  }

  /// Weights that cancel in a batch, as signed ones may, are no divisor.
  @Test(arguments: [4, 32])
  func weightsThatCancelTakeAnOrdinaryStep(block: Int) {
    var sample = Sample(events: 20, features: 5, classes: 3)
    for event in 0..<20 { sample.weights[event] = event % 2 == 0 ? 1.5 : -1.5 }
    let plan = BlockPlan(events: 20, block: block)
    var network = GradientEngineTests.network([5, 6, 3], .tanh)
    var engine = GradientEngine(layout: network.layout, capacity: block, threads: 1, training: true)
    engine.sumBlocks(of: network, plan, blocks: 0..<plan.blocks, grid: GradientGrid(layers: 2)) {
      sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3)
    }
    let before = network.parameters.array
    var optimizer = Optimizer(.sgd(SGD(learningRate: 0.1)), layout: network.layout)
    optimizer.step(&network, engine, learningRate: 0.1, atStep: 0, meanWeight: 0.5)
    for (index, parameter) in network.parameters.array.enumerated() {
      let gradient = engine.sums.values[index] / (block < 20 ? 0x1p24 : 1) / (20 * 0.5)
      #expect(abs(Double(parameter) - (Double(before[index]) - 0.1 * gradient)) <= 1e-6)
    }
    #expect(network.parameters.array != before && engine.sums.nonFiniteBlocks == 0)
  }

  @Test func sumsOnAGridGiveTheSameStepAsPlainOnes() {
    let sample = Sample(events: 20, features: 5, classes: 3)
    func sum(_ network: borrowing Network, events: Range<Int>, block: Int) -> GradientEngine {
      let plan = BlockPlan(events: events.count, block: block)
      var engine = GradientEngine(layout: network.layout, capacity: block, threads: 1, training: true)
      engine.sumBlocks(of: network, plan, blocks: 0..<plan.blocks, grid: GradientGrid(layers: 2)) {
        let places = plan.events(ofBlock: $0)
        return sample.fill(
          events.lowerBound + places.lowerBound..<events.lowerBound + places.upperBound, stride: 8, &$1, &$2, &$3)
      }
      return engine
    }
    let meanWeight = 1.25
    func trained(block: Int) -> [Float] {
      var network = GradientEngineTests.network([5, 6, 3], .tanh)
      var optimizer = Optimizer(.sgd(SGD(learningRate: 0.1)), layout: network.layout)
      optimizer.step(
        &network, sum(network, events: 0..<20, block: block), learningRate: 0.1, atStep: 0,
        meanWeight: meanWeight)
      return network.parameters.array
    }
    let network = GradientEngineTests.network([5, 6, 3], .tanh)
    var magnitudes = [Double](repeating: 0, count: network.layout.count)
    for event in 0..<20 {
      let one = sum(network, events: event..<event + 1, block: 4)
      for index in magnitudes.indices { magnitudes[index] += one.sums.values[index].magnitude }
    }
    // A chain of 20 additions or chains of 4, each addition rounding by half an ulp of a partial sum, which the magnitudes bound;
    // 5 roundings to the grid of 2⁻²⁴; on both ways the mean, its product with the learning rate and the new parameter.
    let ulp = 0x1p-24
    let weight = 20 * meanWeight
    let (plain, onGrid) = (trained(block: 32), trained(block: 4))
    for (index, magnitude) in magnitudes.enumerated() {
      let sums = (20 + 4 + 4) * ulp * magnitude + 5 * 0x1p-25
      let bound = 1.01 * (0.1 / weight * sums + 2 * ulp * Double(plain[index].magnitude))
      #expect(Double((plain[index] - onGrid[index]).magnitude) <= bound)
    }
  }
}

extension Optimizer {
  /// State buffer number `index` as an array.
  borrowing func state(_ index: Int) -> [Float] {
    withState(index) { values in values.indices.map { values[$0] } }
  }
}
