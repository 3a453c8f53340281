import KernelOperands
import NeuralNetwork
import Testing

@Suite struct ReductionTests {
  private static let layout = [15, 30, 30, 30, 4]
  private static let block = 16

  /// What a rank has after its share of the blocks.
  private static func engine(
    _ network: borrowing Network, _ sample: Sample, _ reduction: Reduction, blocks: Range<Int>, threads: Int = 1,
    grid: GradientGrid
  ) -> GradientEngine {
    var engine = GradientEngine(
      layout: network.layout, capacity: block, threads: threads, training: true, reduction: reduction, workOfAThread: 1)
    let plan = BlockPlan(events: sample.rows.count, block: block)
    engine.sumBlocks(of: network, plan, blocks: blocks, grid: grid) { index, features, labels, weights in
      sample.fill(plan.events(ofBlock: index), stride: 16, &features, &labels, &weights)
    }
    return engine
  }

  @Test(arguments: [1, 2, 3], [1, 2])
  func float32SumsAreThoseOfTheBlocksWithinTheirRounding(_ ranks: Int, _ threads: Int) {
    let network = GradientEngineTests.network(Self.layout, .relu)
    let sample = Sample(events: 203, features: 15, classes: 4)
    let blocks = BlockPlan(events: 203, block: Self.block).blocks
    let grid = GradientGrid(layers: 4)
    // Sums of one block are the block's gradient.
    var exact = [Double](repeating: 0, count: network.layout.count)
    var magnitudes = exact
    for block in 0..<blocks {
      let one = Self.engine(network, sample, .float32, blocks: block..<block + 1, grid: grid)
      for (index, value) in one.sums.floatGradient.enumerated() {
        exact[index] += Double(value)
        magnitudes[index] += Double(value.magnitude)
      }
    }
    var total = Self.engine(
      network, sample, .float32, blocks: BlockPlan.share(of: 0..<blocks, worker: 0, of: ranks), threads: threads,
      grid: grid)
    for rank in 1..<max(ranks, 1) {
      var other = Self.engine(
        network, sample, .float32, blocks: BlockPlan.share(of: 0..<blocks, worker: rank, of: ranks), threads: threads,
        grid: grid)
      var theirs: [Float] = []
      other.sums.withFloats { values in theirs = values.indices.map { values[$0] } }
      total.sums.withFloats { values in
        for index in values.indices { values[index] += theirs[index] }
      }
    }
    // Each of fewer than `blocks` additions rounds by half an ulp of a partial sum, which the magnitudes bound.
    for (index, value) in total.sums.floatGradient.enumerated() {
      #expect(abs(Double(value) - exact[index]) <= Double(blocks) * 0x1p-24 * magnitudes[index])
    }
    // The statistics are those of the exact sums to the last bit.
    let whole = Self.engine(network, sample, .exact, blocks: 0..<blocks, grid: grid)
    #expect(total.sums.loss == whole.sums.loss)
    #expect(total.sums.events == 203 && total.sums.correct == whole.sums.correct)
    #expect(total.sums.nonFiniteBlocks == 0)
  }

  @Test func lossesOfAnySizeAddUpExactlyInFloat32() {
    // Weights from 2⁻⁶⁰ to 2⁶⁰ fill limbs from the lowest to high ones.
    let network = GradientEngineTests.network([4, 8, 3], .tanh)
    var sample = Sample(events: 64, features: 4, classes: 3)
    for exponent in [-60, -33, -1, 0, 31, 60] {
      sample.weights = sample.weights.enumerated().map { index, weight in
        weight * Float(sign: .plus, exponent: index % 2 == 0 ? exponent : 0, significand: 1)
      }
      func loss(_ reduction: Reduction) -> Double {
        var engine = GradientEngine(
          layout: network.layout, capacity: 8, threads: 1, training: true, reduction: reduction)
        let plan = BlockPlan(events: 64, block: 8)
        engine.sumBlocks(of: network, plan, blocks: 0..<8, grid: GradientGrid(layers: 2)) {
          sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3)
        }
        if reduction == .exact {
          engine.sums.withValues { values in
            for index in values.indices { values[index] *= 1000 }
          }
        } else {
          // As many ranks with the same sums; integers, so the order cannot matter.
          engine.sums.withFloats { values in
            for index in values.indices { values[index] *= 1000 }
          }
        }
        return engine.sums.loss
      }
      let (plain, exact) = (loss(.float32), loss(.exact))
      #expect(plain == exact && plain > 0, "2^\(exponent)")
    }
  }

  @Test(arguments: [Float.nan, .infinity])
  func nonFiniteEventsAreCounted(_ value: Float) {
    let network = GradientEngineTests.network(Self.layout, .relu)
    var sample = Sample(events: 40, features: 15, classes: 4)
    sample.rows[17][2] = value
    var engine = Self.engine(network, sample, .float32, blocks: 0..<3, grid: GradientGrid(layers: 4))
    let found = engine.sums.nonFiniteBlocks
    engine.sums.withFloats { _ in }
    #expect(found > 0 && engine.sums.nonFiniteBlocks == found)
  }

  @Test func aStepFromFloat32SumsIsCloseToTheExactOne() {
    func trained(_ reduction: Reduction) -> [Float] {
      var network = GradientEngineTests.network(Self.layout, .relu)
      let sample = Sample(events: 203, features: 15, classes: 4)
      let engine = Self.engine(network, sample, reduction, blocks: 0..<13, grid: GradientGrid(layers: 4))
      var optimizer = Optimizer(.sgd(SGD(learningRate: 0.1)), layout: network.layout)
      optimizer.step(&network, engine, learningRate: 0.1, atStep: 0, meanWeight: 1)
      return network.parameters.array
    }
    // Parameters and mean gradients are of order 1; 13 sums round, and a grid of 2⁻²⁴.
    for (plain, exact) in zip(trained(.float32), trained(.exact)) {
      #expect(abs(plain - exact) <= 0.1 * 13 * 0x1p-23 * max(1, abs(exact)))
    }
  }
}
