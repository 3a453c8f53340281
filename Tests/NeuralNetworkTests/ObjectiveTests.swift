import Foundation
import KernelOperands
import NeuralNetwork
import Testing

extension ReferenceNetwork {
  /// The loss of an event by its definition, Σ y (1 − p)^γ (−ln p) over the classes.
  func loss(_ event: [Double], label: Int, _ smoothing: Double, _ gamma: Double) -> Double {
    let outputs = logits(event)
    let logits = outputs.count == 1 ? outputs + [0] : outputs
    let largest = logits.max() ?? 0
    let total = log(logits.reduce(0) { $0 + exp($1 - largest) }) + largest
    return logits.indices.reduce(0) { sum, index in
      let share = exp(logits[index] - total)
      let target = smoothing / Double(logits.count) + (index == label ? 1 - smoothing : 0)
      return sum + target * pow(1 - share, gamma) * (total - logits[index])
    }
  }
}

@Suite struct ObjectiveTests {
  static let objectives: [(head: Objective.Head, smoothing: Double, gamma: Double)] =
    Objective.Head.allCases.flatMap { head in
      [(0, 0), (0.125, 0), (0, 2), (0, 0.5), (0.25, 1.5)].map { (head, $0.0, $0.1) }
    }

  private func network(_ objective: Objective, classes: Int) -> Network {
    var network = Network(
      NetworkSpecification(
        inputs: 5, hidden: [.init(units: 7, activation: .tanh), .init(units: 9, activation: .sigmoid)],
        classes: classes,
        objective: objective))
    network.initialize(.heUniform, seed: 7)
    return network
  }

  private func engine(_ network: borrowing Network, training: Bool, threads: Int = 1) -> GradientEngine {
    GradientEngine(
      layout: network.layout, capacity: 16, threads: threads, training: training, workOfAThread: 1)
  }

  private func sums(_ network: borrowing Network, _ sample: Sample) -> (gradient: [Double], loss: Double) {
    var engine = engine(network, training: true)
    let plan = BlockPlan(events: sample.rows.count, block: 16)
    precondition(plan.blocks == 1, "one block, whose gradient is summed as it is")
    engine.sumBlocks(of: network, plan, blocks: 0..<1, grid: GradientGrid(layers: network.layout.layers.count)) {
      sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3)
    }
    return (Array(engine.sums.values.array.prefix(network.layout.count)), engine.sums.loss)
  }

  /// In double, by every parameter; with weights of both signs.
  @Test(arguments: objectives)
  func gradientsAgreeWithCentralDifferences(
    objective: (head: Objective.Head, smoothing: Double, gamma: Double)
  ) {
    let classes = objective.head == .binaryCrossentropy ? 2 : 4
    let network = network(
      Objective(objective.head, labelSmoothing: objective.smoothing, focalGamma: objective.gamma), classes: classes)
    var sample = Sample(events: 11, features: 5, classes: classes)
    for event in sample.weights.indices where event % 3 == 0 { sample.weights[event].negate() }
    let (gradient, loss) = sums(network, sample)
    let reference = ReferenceNetwork(network)
    func total(_ network: ReferenceNetwork) -> Double {
      sample.rows.indices.reduce(0) { sum, event in
        sum + Double(sample.weights[event])
          * network.loss(
            sample.rows[event].map { Double($0) }, label: Int(sample.labels[event]), objective.smoothing,
            objective.gamma)
      }
    }
    #expect(abs(loss - total(reference)) < 1e-5)
    let h = 0x1p-10
    var largest = 0.0
    for (index, layer) in network.layout.layers.enumerated() {
      for output in 0..<layer.outputs {
        for input in 0...layer.inputs {
          func moved(_ step: Double) -> Double {
            var network = reference
            if input < layer.inputs {
              network.weights[index][output][input] += step * h
            } else {
              network.biases[index][output] += step * h
            }
            return total(network)
          }
          let slope = (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * h)
          let found = gradient[layer.weights + input * layer.stride + output]
          // Some twenty float32 roundings of terms up to 10.
          #expect(abs(found - slope) < 3e-5, "layer \(index), \(input) → \(output)")
          largest = max(largest, abs(slope))
        }
      }
    }
    #expect(largest > 0.1)
  }

  @Test func oneOutputTellsTwoClassesApart() {
    let sizes = network(Objective(.binaryCrossentropy), classes: 2).specification
    #expect(sizes.sizes == [5, 7, 9, 1] && sizes.parameterCount == 124)
    // Without hidden units, as many events are on one side as on the other.
    var network = Network(
      NetworkSpecification(inputs: 5, hidden: [], classes: 2, objective: Objective(.binaryCrossentropy)))
    network.initialize(.heUniform, seed: 7)
    let sample = Sample(events: 300, features: 5, classes: 2)
    let plan = BlockPlan(events: 300, block: 16)
    let fill: GradientEngine.Fill = { sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3) }
    var engine = engine(network, training: false, threads: 2)
    engine.sumLosses(of: network, blocks: 0..<plan.blocks, measuringScores: true, fill: fill)
    let reference = ReferenceNetwork(network)
    var (confusion, ranges) = ([[0, 0], [0, 0]], [ScoreRange(), ScoreRange()])
    var (weight, right) = (0.0, 0.0)
    for block in 0..<plan.blocks {
      let found = engine.probabilities(of: network, block: block, fill: fill)
      for (row, event) in plan.events(ofBlock: block).enumerated() {
        let z = reference.logits(sample.rows[event].map { Double($0) })[0]
        // Each by itself: neither is one minus the other in float32.
        #expect(abs(Double(found[2 * row]) * (1 + exp(-z)) - 1) < 1e-5)
        #expect(abs(Double(found[2 * row + 1]) * (1 + exp(z)) - 1) < 1e-5)
        for column in 0..<2 { ranges[column].include(found[2 * row + column]) }
        let (label, predicted) = (Int(sample.labels[event]), z >= 0 ? 0 : 1)
        confusion[label][predicted] += 1
        weight += Double(sample.weights[event])
        if label == predicted { right += Double(sample.weights[event]) }
      }
    }
    #expect(confusion.allSatisfy { $0.allSatisfy { $0 > 0 } })
    engine.sumLosses(of: network, blocks: 0..<plan.blocks, measuringScores: true, fill: fill)
    #expect(engine.sums.confusion == confusion && engine.scoreRanges == ranges)
    #expect(engine.sums.correct == confusion[0][0] + confusion[1][1])
    #expect(abs(engine.sums.weight - weight) < 1e-9 && abs(engine.sums.rightWeight - right) < 1e-9)
  }

  @Test(arguments: objectives)
  func evaluationAndTrainingCountTheSameLosses(
    objective: (head: Objective.Head, smoothing: Double, gamma: Double)
  ) {
    for clip in [nil, 0.45] {
      let network = network(
        Objective(
          objective.head, labelSmoothing: objective.smoothing, focalGamma: objective.gamma, negativeClip: clip),
        classes: 2)
      var sample = Sample(events: 150, features: 5, classes: 2)
      for event in sample.weights.indices where event % 3 == 0 { sample.weights[event].negate() }
      let plan = BlockPlan(events: 150, block: 16)
      let fill: GradientEngine.Fill = { sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3) }
      var evaluation = engine(network, training: false, threads: 2)
      var training = engine(network, training: true)
      evaluation.sumLosses(of: network, blocks: 0..<plan.blocks, fill: fill)
      training.sumBlocks(of: network, plan, blocks: 0..<plan.blocks, grid: GradientGrid(layers: 3), fill: fill)
      #expect(evaluation.sums.loss == training.sums.loss && evaluation.sums.correct == training.sums.correct)
    }
  }

  /// An event of negative weight that loses more than the bound has no gradient, and the rest is as without it; others are not
  /// touched, whatever they lose.
  @Test(arguments: Objective.Head.allCases)
  func lossesOfNegativeWeightAreBounded(head: Objective.Head) {
    let clip = 0.4
    let bounded = network(Objective(head, negativeClip: clip), classes: 2)
    let free = network(Objective(head), classes: 2)
    let reference = ReferenceNetwork(free)
    var sample = Sample(events: 15, features: 5, classes: 2)
    for event in sample.weights.indices where event % 2 == 0 { sample.weights[event].negate() }
    let losses = sample.rows.indices.map {
      reference.loss(sample.rows[$0].map { Double($0) }, label: Int(sample.labels[$0]), 0, 0)
    }
    let clipped = sample.rows.indices.filter { sample.weights[$0] < 0 && losses[$0] > -log(clip) }
    #expect(!clipped.isEmpty && clipped.count < 7)
    #expect(sample.rows.indices.contains { sample.weights[$0] > 0 && losses[$0] > -log(clip) })
    var others = sample
    for event in clipped { others.weights[event] = 0 }
    let (mine, without) = (sums(bounded, sample), sums(free, others))
    #expect(mine.gradient.map(\.magnitude) == without.gradient.map(\.magnitude))
    let lost = clipped.reduce(0) { $0 + Double(sample.weights[$1]) * -log(clip) }
    #expect(abs(mine.loss - without.loss - lost) < 1e-5 && sums(free, sample).loss < mine.loss)
    // Without negative weights a bound changes nothing, to the bit.
    sample.weights = sample.weights.map(\.magnitude)
    #expect(sums(bounded, sample) == sums(free, sample))
  }

  /// In the order of the blocks, on any number of threads; bins rank events as their probabilities do.
  @Test(
    arguments: [(Objective.Head.categoricalCrossentropy, 3), (.categoricalCrossentropy, 2), (.binaryCrossentropy, 2)],
    [1, 3])
  func scoresAreRecorded(of head: (Objective.Head, Int), threads: Int) {
    let classes = head.1
    let network = network(Objective(head.0), classes: classes)
    let sample = Sample(events: 300, features: 5, classes: classes)
    let plan = BlockPlan(events: 300, block: 16)
    let fill: GradientEngine.Fill = { sample.fill(plan.events(ofBlock: $0), stride: 8, &$1, &$2, &$3) }
    var engine = engine(network, training: false, threads: threads)
    // Fewer blocks than before, and the last one, which is not full.
    for blocks in [0..<plan.blocks, 2..<3, 1..<1, 15..<plan.blocks] {
      engine.sumLosses(of: network, blocks: blocks, recordingScores: true, fill: fill)
      let events = blocks.flatMap { plan.events(ofBlock: $0) }
      #expect(engine.recordedScores.count == events.count && engine.recordedScores.columns == (classes == 2 ? 1 : 3))
      engine.recordedScores.withEvents { labels, weights in
        #expect(labels.indices.map { labels[$0] } == events.map { sample.labels[$0] })
        #expect(weights.indices.map { weights[$0] } == events.map { sample.weights[$0] })
      }
      let bins = (0..<engine.recordedScores.columns).map { column in
        engine.recordedScores.withBins(ofColumn: column) { bins in bins.indices.map { bins[$0] } }
      }
      let scores = blocks.flatMap { engine.probabilities(of: network, block: $0, fill: fill) }
      for column in bins.indices {
        let ranked = events.indices.sorted { scores[$0 * classes + column] < scores[$1 * classes + column] }
        #expect(zip(ranked, ranked.dropFirst()).allSatisfy { bins[column][$0] <= bins[column][$1] })
        #expect(events.count < 10 || Set(bins[column]).count > events.count / 2)
      }
    }
  }

  @Test func saysWhatItIs() {
    #expect(Objective.categoricalCrossentropy.description == "categorical_crossentropy")
    let all = Objective(.binaryCrossentropy, labelSmoothing: 0.1, focalGamma: 2)
    #expect(all.description == "binary_crossentropy, label_smoothing 0.1, focal_gamma 2.0")
  }
}
