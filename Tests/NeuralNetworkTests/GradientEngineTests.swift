import Foundation
import KernelOperands
import NeuralNetwork
import TestSupport
import Testing

@Suite struct GradientEngineTests {
  static let activations = Activation.allCases

  static func network(_ sizes: [Int], _ activation: Activation, _ initializer: Initializer = .heUniform) -> Network {
    var network = Network(
      NetworkSpecification(
        inputs: sizes[0], hidden: sizes.dropFirst().dropLast().map { .init(units: $0, activation: activation) },
        classes: sizes[sizes.count - 1]))
    network.initialize(initializer, seed: 7)
    return network
  }

  /// Sums of one step, with the blocks shared among `ranks` that each have `threads` workers; grids already settled.
  static func sums(
    _ network: borrowing Network, _ sample: Sample, block: Int, ranks: Int = 1, threads: Int = 1,
    grid: inout GradientGrid
  ) -> [Double] {
    let plan = BlockPlan(events: sample.rows.count, block: block)
    let stride = roundedUpTo8(network.specification.inputs)
    var total: [Double] = []
    while true {
      total = []
      var engine = GradientEngine(
        layout: network.layout, capacity: block, threads: threads, training: true, workOfAThread: 1)
      for rank in (0..<ranks).reversed() {
        let mine = BlockPlan.share(of: 0..<plan.blocks, worker: rank, of: ranks)
        engine.sumBlocks(of: network, plan, blocks: mine, grid: grid) { index, features, labels, weights in
          sample.fill(plan.events(ofBlock: index), stride: stride, &features, &labels, &weights)
        }
        let part = engine.sums.values.array
        total = total.isEmpty ? part : zip(total, part).map { $0 + $1 }
      }
      engine.sums.withValues { values in
        for index in values.indices { values[index] = total[index] }
      }
      if plan.blocks == 1 || grid.settle(engine.sums) { return total }
    }
  }

  @Test(arguments: activations, [[3, 5, 4], [15, 30, 30, 30, 4], [7, 9, 17, 2], [4, 3]])
  func gradientsAgreeWithCentralDifferences(_ activation: Activation, _ sizes: [Int]) {
    let network = Self.network(sizes, activation)
    let sample = Sample(events: 11, features: sizes[0], classes: sizes[sizes.count - 1])
    var grid = GradientGrid(layers: network.layout.layers.count)
    // The grid of the last attempt made the sums; `settle` may have moved it for the next step.
    var made = grid
    var sums = Self.sums(network, sample, block: 4, grid: &grid)
    while made != grid {
      made = grid
      sums = Self.sums(network, sample, block: 4, grid: &grid)
    }
    let reference = ReferenceNetwork(network)
    var checked = 0
    for (index, layer) in network.layout.layers.enumerated() {
      let unit = Double(sign: .plus, exponent: -made.exponents[index], significand: 1)
      for output in everyNth(0..<layer.outputs) {
        for input in [0, layer.inputs / 2, layer.inputs - 1, layer.inputs] {
          func loss(_ shift: Double) -> Double {
            var moved = reference
            if input < layer.inputs {
              moved.weights[index][output][input] += shift
            } else {
              moved.biases[index][output] += shift
            }
            return moved.loss(of: sample)
          }
          let h = 1e-5
          let expected = (loss(h) - loss(-h)) / (2 * h)
          let place = input < layer.inputs ? layer.weights + input * layer.stride + output : layer.biases + output
          let found = sums[place] * unit
          // float32 arithmetic over chains of at most 64 operations, on terms of order 10.
          #expect(abs(found - expected) < 2e-4 * max(1, abs(expected)), "layer \(index), \(input) → \(output)")
          checked += 1
        }
      }
    }
    #expect(checked > 0)
  }

  @Test(arguments: [1, 4, 16, 64])
  func sumsAreTheSameBitsOnAnyNumberOfRanksAndThreads(_ block: Int) {
    let network = Self.network([15, 30, 30, 30, 4], .relu)
    let sample = Sample(events: 203, features: 15, classes: 4)
    var grid = GradientGrid(layers: 4)
    let expected = Self.sums(network, sample, block: block, grid: &grid)
    for ranks in [1, 2, 3, 5, 8] {
      for threads in [1, 2, 3] {
        var again = GradientGrid(layers: 4)
        let found = Self.sums(network, sample, block: block, ranks: ranks, threads: threads, grid: &again)
        #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "\(ranks) ranks × \(threads) threads")
        #expect(again == grid)
      }
    }
  }

  @Test func aStepOfOneBlockIsItsGradientUnrounded() {
    let network = Self.network([5, 6, 3], .tanh)
    let sample = Sample(events: 3, features: 5, classes: 3)
    var grid = GradientGrid(layers: 2)
    let sums = Self.sums(network, sample, block: 4, grid: &grid)
    for layer in network.layout.layers {
      for value in sums[layer.range] { #expect(Double(Float(value)) == value) }
      #expect(sums[layer.range].contains { $0 != 0 && $0.rounded() != $0 })
    }
    #expect(grid == GradientGrid(layers: 2))
  }

  /// Event weights scale the gradient: by every power of two that float32 has room for.
  @Test func gridsFollowGradientsOfAnySize() {
    let network = Self.network([4, 8, 3], .tanh)
    var sample = Sample(events: 64, features: 4, classes: 3)
    for exponent in everyNth(-110...110) {
      sample.weights = sample.weights.map { _ in Float(sign: .plus, exponent: exponent, significand: 1) }
      for block in [4, 16, 32] {
        // Several steps with the same events: the grid comes to rest.
        var grid = GradientGrid(layers: 2)
        var sums: [Double] = []
        for _ in 0..<12 { sums = Self.sums(network, sample, block: block, grid: &grid) }
        let settled = grid
        _ = Self.sums(network, sample, block: block, grid: &grid)
        #expect(grid == settled)
        for layer in network.layout.layers {
          let largest = sums[layer.range].map(\.magnitude).max() ?? 0
          #expect(largest >= 0x1p24 && largest <= 0x1p53, "2^\(exponent), blocks of \(block)")
        }
      }
    }
  }

  @Test func statisticsCountEveryEventOnce() {
    let network = Self.network([4, 8, 3], .relu)
    let sample = Sample(events: 29, features: 4, classes: 3)
    let plan = BlockPlan(events: 29, block: 8)
    var engine = GradientEngine(layout: network.layout, capacity: 8, threads: 2, training: true, workOfAThread: 1)
    engine.sumBlocks(of: network, plan, blocks: 0..<plan.blocks, grid: GradientGrid(layers: 2)) {
      sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3)
    }
    let reference = ReferenceNetwork(network)
    let correct = sample.rows.indices.count { index in
      let logits = reference.logits(sample.rows[index].map { Double($0) })
      return logits.indices.max { logits[$0] < logits[$1] } == Int(sample.labels[index])
    }
    #expect(engine.sums.events == 29)
    #expect(engine.sums.correct == correct)
    #expect(abs(engine.sums.loss - reference.loss(of: sample)) < 1e-4)
    #expect(engine.sums.nonFiniteBlocks == 0)
    let statistics = engine.statistics
    #expect(statistics.events == 29 && statistics.correct == correct && statistics.nonFiniteBlocks == 0)
    #expect(statistics.loss == engine.sums.loss && statistics.unweightedLoss == 0)
    #expect(statistics.stopRequests == 0)
  }

  @Test(arguments: [Float.nan, .infinity])
  func nonFiniteEventsAreCounted(_ value: Float) {
    let network = Self.network([4, 8, 3], .relu)
    var sample = Sample(events: 29, features: 4, classes: 3)
    sample.rows[17][2] = value
    let plan = BlockPlan(events: 29, block: 8)
    var engine = GradientEngine(layout: network.layout, capacity: 8, threads: 1, training: true, workOfAThread: 1)
    engine.sumBlocks(of: network, plan, blocks: 0..<plan.blocks, grid: GradientGrid(layers: 2)) {
      sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3)
    }
    #expect(engine.sums.nonFiniteBlocks > 0)
  }

  @Test func evaluationCountsTheConfusionMatrix() {
    let network = Self.network([4, 8, 3], .sigmoid)
    let sample = Sample(events: 300, features: 4, classes: 3)
    let plan = BlockPlan(events: 300, block: 64)
    var engine = GradientEngine(layout: network.layout, capacity: 64, threads: 2, training: false, workOfAThread: 1)
    engine.sumLosses(of: network, blocks: 0..<plan.blocks) {
      sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3)
    }
    let reference = ReferenceNetwork(network)
    var expected = [[Int]](repeating: [0, 0, 0], count: 3)
    for index in sample.rows.indices {
      let logits = reference.logits(sample.rows[index].map { Double($0) })
      expected[Int(sample.labels[index])][logits.indices.max { logits[$0] < logits[$1] } ?? 0] += 1
    }
    #expect(engine.sums.confusion == expected)
    #expect(engine.sums.correct == expected.indices.reduce(0) { $0 + expected[$1][$1] })
    #expect(abs(engine.sums.loss - reference.loss(of: sample)) < 1e-3)
    var unweighted = sample
    unweighted.weights = sample.weights.map { _ in 1 }
    #expect(abs(engine.sums.unweightedLoss - reference.loss(of: unweighted)) < 1e-3)
    #expect(engine.statistics.unweightedLoss == engine.sums.unweightedLoss)
  }

  /// The losses of an evaluation are those of a training, to the bit.
  @Test func evaluationAndTrainingCountTheSameLosses() {
    let network = Self.network([4, 8, 3], .tanh)
    let sample = Sample(events: 300, features: 4, classes: 3)
    let plan = BlockPlan(events: 300, block: 64)
    func engine(training: Bool) -> GradientEngine {
      GradientEngine(layout: network.layout, capacity: 64, threads: 2, training: training, workOfAThread: 1)
    }
    let fill: GradientEngine.Fill = { sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3) }
    var evaluation = engine(training: false)
    var training = engine(training: true)
    evaluation.sumLosses(of: network, blocks: 0..<plan.blocks, fill: fill)
    training.sumBlocks(of: network, plan, blocks: 0..<plan.blocks, grid: GradientGrid(layers: 2), fill: fill)
    #expect(evaluation.sums.loss == training.sums.loss && evaluation.sums.correct == training.sums.correct)
  }

  @Test(arguments: [1, 3])
  func scoreRangesAreThoseOfTheProbabilities(threads: Int) {
    let network = Self.network([4, 8, 3], .tanh)
    let sample = Sample(events: 300, features: 4, classes: 3)
    let plan = BlockPlan(events: 300, block: 64)
    var engine = GradientEngine(
      layout: network.layout, capacity: 64, threads: threads, training: false, workOfAThread: 1)
    let fill: GradientEngine.Fill = { sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3) }
    func expected(_ blocks: Range<Int>) -> [ScoreRange] {
      var ranges = [ScoreRange](repeating: ScoreRange(), count: 3)
      for block in blocks {
        for (index, score) in engine.probabilities(of: network, block: block, fill: fill).enumerated() {
          ranges[index % 3].include(score)
        }
      }
      return ranges
    }
    // Fewer blocks than before: what the other threads had is forgotten.
    for blocks in [0..<plan.blocks, 2..<3, 1..<1] {
      engine.sumLosses(of: network, blocks: blocks, measuringScores: true, fill: fill)
      let found = engine.scoreRanges
      #expect(found == expected(blocks), "\(blocks)")
    }
  }

  /// Chunks of any size on any threads: an event has the bits that it has in a block, and parts come in their order.
  @Test(arguments: [1, 3], [1, 5, 64, 100, 300])
  func scoresDoNotDependOnTheChunk(threads: Int, size: Int) {
    let network = Self.network([4, 8, 3], .tanh)
    let sample = Sample(events: 300, features: 4, classes: 3)
    let plan = BlockPlan(events: 300, block: 64)
    var engine = GradientEngine(layout: network.layout, capacity: 64, threads: threads, training: false)
    let expected = (0..<plan.blocks).flatMap { block in
      engine.probabilities(of: network, block: block) {
        sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3)
      }
    }
    let scaling = InputScaling(means: [0, 0, 0, 0], scales: [1, 1, 1, 1])
    let chunks = stride(from: 0, to: 300, by: size).map { $0..<min($0 + size, 300) }
    let found = engine.mapScoring(chunks.count) { index, scorer in
      var inputs = [Float](repeating: 0, count: chunks[index].count * 8)
      var (labels, weights) = ([Int32](repeating: 0, count: 300), [Float](repeating: 0, count: 300))
      var features = inputs.mutableSpan
      var labelSpan = labels.mutableSpan
      var weightSpan = weights.mutableSpan
      _ = sample.fill(chunks[index], stride: 8, &features, &labelSpan, &weightSpan)
      let packed: [Float] = (0..<chunks[index].count).flatMap { Array(inputs[$0 * 8..<$0 * 8 + 4]) }
      let padded = packed + [Float](repeating: .nan, count: BlockScorer.padding)
      return scorer.probabilities(of: network, padded.span, events: chunks[index].count, scaling)
    }
    #expect(Array(found.joined()) == expected)
    let none = engine.mapScoring(0) { index, _ in index }
    #expect(none.isEmpty)
  }

  @Test func probabilitiesAddUpToOne() {
    let network = Self.network([4, 8, 3], .relu)
    let sample = Sample(events: 10, features: 4, classes: 3)
    var engine = GradientEngine(layout: network.layout, capacity: 16, threads: 1, training: false, workOfAThread: 1)
    let found = engine.probabilities(of: network, block: 0) { sample.fill(0..<10, stride: 8, &$1, &$2, &$3) }
    let reference = ReferenceNetwork(network)
    for event in 0..<10 {
      let probabilities = found[event * 3..<event * 3 + 3]
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-6)
      let label = 1
      let loss = reference.loss(sample.rows[event].map { Double($0) }, label: label)
      #expect(abs(-Double(probabilities[event * 3 + label]).logarithm - loss) < 1e-5)
    }
  }
}

extension Double {
  var logarithm: Double { log(self) }
}
