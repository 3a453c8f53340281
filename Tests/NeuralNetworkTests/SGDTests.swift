import NeuralNetwork
import Testing

@Suite struct SGDTests {
  /// Two steps with made-up sums against the formulas of Keras 3 in scalar float.
  @Test(arguments: [false, true], [0.0, 0.9])
  func stepsFollowTheFormulas(_ nesterov: Bool, _ momentum: Double) {
    var network = GradientEngineTests.network([5, 6, 3], .relu)
    let sample = Sample(events: 20, features: 5, classes: 3)
    var optimizer = SGD(
      .init(learningRate: 0.1, momentum: momentum, nesterov: nesterov, weightDecay: 0.01), layout: network.layout)
    var parameters = network.parameters.array
    var velocity = [Float](repeating: 0, count: parameters.count)
    for step in 0..<2 {
      let rate = step == 0 ? 1 : 0.5
      var engine = GradientEngine(layout: network.layout, capacity: 32, threads: 1, training: true)
      engine.sumGradients(
        of: network, BlockPlan(events: 20, block: 32), blocks: 0..<1, grid: GradientGrid(layers: 2)
      ) { sample.fill(0..<20, stride: 8, &$1, &$2, &$3) }
      optimizer.step(&network, sums: engine.sums, rate: rate, grid: nil)
      let toMean = 1 / engine.sums.weight
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
      #expect(optimizer.velocity.array.map(\.bitPattern) == velocity.map(\.bitPattern))
    }
  }

  /// A lone event's step has the bits of the way through the sums, with and without an event weight.
  /// Widths of a layer that are whole and partial registers, and one that is updated row by row.
  @Test(arguments: [Activation.relu, .tanh, .linear], [false, true])
  func aLoneEventTakesTheSameStep(_ activation: Activation, _ nesterov: Bool) {
    for (weighted, hidden) in [(false, [30, 13]), (true, [30, 13]), (false, [20, 34, 70]), (true, [20, 34, 70])] {
      let sizes = [15] + hidden + [3]
      let sample = Sample(events: 8, features: 15, classes: 3)
      func trained(alone: Bool) -> [UInt32] {
        var network = GradientEngineTests.network(sizes, activation)
        let layout = network.layout
        var optimizer = SGD(
          .init(learningRate: 0.1, momentum: 0.9, nesterov: nesterov, weightDecay: 0.01), layout: layout)
        var engine = GradientEngine(layout: layout, capacity: 4, threads: 1, training: true)
        for event in 0..<8 {
          let fill: GradientEngine.Fill = { _, features, labels, weights in
            let rows = sample.fill(event..<event + 1, stride: 16, &features, &labels, &weights)
            weights[0] = weighted ? 1.413 : 1
            return rows
          }
          if alone {
            engine.backpropagateEvent(of: network, fill: fill)
            #expect(engine.sums.events == 1 && engine.sums.nonFiniteBlocks == 0)
            optimizer.step(&network, event: engine, rate: 0.5)
          } else {
            engine.sumGradients(
              of: network, BlockPlan(events: 1, block: 4), blocks: 0..<1, grid: GradientGrid(layers: sizes.count - 1),
              fill: fill)
            optimizer.step(&network, sums: engine.sums, rate: 0.5, grid: nil)
          }
        }
        return (network.parameters.array + optimizer.velocity.array).map(\.bitPattern)
      }
      #expect(trained(alone: true) == trained(alone: false))
    }
  }

  /// Infinite features, and deltas times inputs beyond float32, are noticed before a parameter moves.
  @Test(arguments: [Float.infinity, .nan, 3e38])
  func aLoneEventThatIsNotFiniteIsCounted(_ value: Float) {
    let network = GradientEngineTests.network([5, 6, 3], .linear)
    var engine = GradientEngine(layout: network.layout, capacity: 4, threads: 1, training: true)
    engine.backpropagateEvent(of: network) { _, features, labels, weights in
      for index in 0..<8 { features[index] = index < 5 ? value : 0 }
      labels[0] = 1
      weights[0] = 1
      return 1
    }
    #expect(engine.sums.nonFiniteBlocks > 0)
  }

  @Test func sumsOnAGridGiveTheSameStepAsPlainOnes() {
    let sample = Sample(events: 20, features: 5, classes: 3)
    func trained(block: Int) -> [Float] {
      var network = GradientEngineTests.network([5, 6, 3], .tanh)
      var optimizer = SGD(.init(learningRate: 0.1), layout: network.layout)
      let plan = BlockPlan(events: 20, block: block)
      var engine = GradientEngine(layout: network.layout, capacity: block, threads: 1, training: true)
      let grid = GradientGrid(layers: 2)
      engine.sumGradients(of: network, plan, blocks: 0..<plan.blocks, grid: grid) {
        sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3)
      }
      optimizer.step(&network, sums: engine.sums, rate: 1, grid: plan.blocks > 1 ? grid.exponents : nil)
      return network.parameters.array
    }
    for (one, other) in zip(trained(block: 32), trained(block: 4)) { #expect(abs(one - other) < 1e-6) }
  }
}
