import Foundation
import KernelOperands
import NeuralNetwork
import Testing

/// Adam's trajectory against the formulas of Keras 3 in double.
@Suite struct AdamTests {
  /// Keras 3, `keras/src/optimizers/adam.py` and the decay of `base_optimizer.py`, of one parameter, with a bound of how far
  /// float32 may be from it: what every operation rounds, carried from step to step to first order.
  private struct Twin {
    var w: Double
    var m = 0.0
    var v = 0.0
    var errorOfW = 0.0
    var errorOfM = 0.0
    var errorOfV = 0.0
    private static let unit = 0x1p-24

    mutating func step(_ g: Double, _ adam: Adam, learningRate: Double, t: Int) {
      let u = Self.unit
      let alpha = learningRate * (1 - pow(adam.beta2, Double(t))).squareRoot() / (1 - pow(adam.beta1, Double(t)))
      let decay = w * adam.weightDecay * learningRate
      let (first, second) = (1 - adam.beta1, 1 - adam.beta2)
      // A coefficient of 1 is exact, and leaves nothing of what was before.
      let (firstError, secondError) = (abs(Double(Float(first)) - first), abs(Double(Float(second)) - second))
      errorOfM = adam.beta1 * errorOfM + (u * adam.beta1 + firstError) * abs(m) + 2 * u * first * abs(g)
      errorOfV = adam.beta2 * errorOfV + (u * adam.beta2 + secondError) * v + 4 * u * second * g * g
      m += (g - m) * first
      v += (g * g - v) * second
      errorOfM += u * abs(m)
      errorOfV += u * v
      let divisor = v.squareRoot() + adam.epsilon
      let errorOfDivisor = min(errorOfV.squareRoot(), errorOfV / max(v.squareRoot(), 1e-300)) + 3 * u * divisor
      let move = m * alpha / divisor
      let errorOfMove =
        alpha / divisor * (errorOfM + abs(m) / divisor * errorOfDivisor) + 4 * u * abs(move) + 2 * u * abs(decay)
      w -= decay + move
      errorOfW += errorOfW * adam.weightDecay * learningRate + errorOfMove + u * (abs(move + decay) + abs(w))
    }
  }

  @Test(arguments: [
    Adam(), Adam(weightDecay: 0.004), Adam(learningRate: 0.01, beta1: 0.5, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.1),
    Adam(learningRate: 0.01, beta1: 0, beta2: 0),
  ])
  func manyStepsFollowTheFormulas(_ adam: Adam) throws {
    var network = GradientEngineTests.network([5, 6, 3], .tanh)
    let sample = Sample(events: 64, features: 5, classes: 3)
    var optimizer = Optimizer(adam.weightDecay == 0 ? .adam(adam) : .adamw(adam), layout: network.layout)
    let start = network.parameters.array.map { Double($0) }
    var twins = start.map { Twin(w: $0) }
    var engine = GradientEngine(layout: network.layout, capacity: 16, threads: 1, training: true)
    // Beyond 256 and 512, where powers come from another table.
    for step in 0..<600 {
      let first = step % 4 * 16
      engine.sumBlocks(
        of: network, BlockPlan(events: 16, block: 16), blocks: 0..<1, grid: GradientGrid(layers: 2)
      ) { sample.fill(first..<first + 16, stride: 8, &$1, &$2, &$3) }
      let rate = adam.learningRate * (1 - Double(step) / 1200)
      for index in twins.indices {
        // What the program's parameters give: the twin follows its path.
        twins[index].step(engine.sums.values[index] / (16 * 1.25), adam, learningRate: rate, t: step + 1)
      }
      optimizer.step(&network, engine, learningRate: rate, atStep: step, meanWeight: 1.25)
    }
    #expect(optimizer.stateNames == ["momentum", "velocity"])
    var (bounds, moves) = (0.0, 0.0)
    for (index, twin) in twins.enumerated() {
      let (w, m, v) = (network.parameters[index], optimizer.state(0)[index], optimizer.state(1)[index])
      #expect(abs(Double(w) - twin.w) <= 1.1 * twin.errorOfW, "parameter \(index): \(w), not \(twin.w)")
      #expect(abs(Double(m) - twin.m) <= 1.1 * twin.errorOfM && abs(Double(v) - twin.v) <= 1.1 * twin.errorOfV)
      bounds += twin.errorOfW
      moves += abs(twin.w - start[index])
    }
    // A bound that allows anything is none.
    #expect(bounds < 0.01 * moves && moves > 1)
  }

  /// The first step of all moves by the learning rate, a first step later by more: the corrections depend on the number alone.
  @Test(arguments: [0, 1, 254, 255, 256, 300, 511, 5000, 37_000, 1_000_000])
  func correctionsDependOnTheNumberOfTheStep(step: Int) {
    var network = GradientEngineTests.network([5, 6, 3], .tanh)
    let sample = Sample(events: 16, features: 5, classes: 3)
    var optimizer = Optimizer(.adam(Adam()), layout: network.layout)
    let before = network.parameters.array
    var engine = GradientEngine(layout: network.layout, capacity: 16, threads: 1, training: true)
    engine.sumBlocks(
      of: network, BlockPlan(events: 16, block: 16), blocks: 0..<1, grid: GradientGrid(layers: 2)
    ) { sample.fill(0..<16, stride: 8, &$1, &$2, &$3) }
    optimizer.step(&network, engine, learningRate: 0.001, atStep: step, meanWeight: 1)
    for (index, old) in before.enumerated() {
      var twin = Twin(w: Double(old))
      twin.step(engine.sums.values[index] / 16, Adam(), learningRate: 0.001, t: step + 1)
      #expect(abs(Double(network.parameters[index]) - twin.w) <= 1.1 * twin.errorOfW)
    }
  }
}
