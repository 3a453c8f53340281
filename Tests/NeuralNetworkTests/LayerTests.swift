import KernelOperands
import NeuralNetwork
import TestSupport
import Testing

/// Activations, layer normalisation, skip connections and dropout through the whole network: the engine against the textbook in double,
/// and that against finite differences.
@Suite struct LayerTests {
  typealias Hidden = NetworkSpecification.HiddenLayer

  /// Every activation with every set of what a layer can do, between plain layers, behind each other and at the inputs.
  static let combinations: [NetworkSpecification] = Activation.allCases.flatMap { activation in
    (0..<8).map { bits in
      func layer(_ units: Int) -> Hidden {
        Hidden(
          units: units, activation: activation, norm: bits & 1 == 0 ? .none : .layer, skip: bits & 2 != 0 && units == 7,
          dropout: bits & 4 == 0 ? 0 : 0.3)
      }
      return NetworkSpecification(
        inputs: 7, hidden: [layer(7), layer(7), layer(9)], classes: 3, inputDropout: bits & 4 == 0 ? 0 : 0.2)
    }
  }

  /// Neighbours of every kind: what comes before a skip connection keeps its derivative in another way.
  static let mixtures: [NetworkSpecification] = [
    [
      Hidden(units: 8, activation: .relu), Hidden(units: 8, activation: .silu, skip: true),
      Hidden(units: 8, activation: .relu, dropout: 0.4), Hidden(units: 8, activation: .tanh, skip: true),
      Hidden(units: 8, activation: .relu, dropout: 0.25), Hidden(units: 5, activation: .relu),
    ],
    [
      Hidden(units: 20, activation: .relu, norm: .layer),
      Hidden(units: 20, activation: .gelu, norm: .layer, skip: true),
      Hidden(units: 20, activation: .relu, norm: .layer, dropout: 0.5),
      Hidden(units: 20, activation: .elu, norm: .layer, skip: true, dropout: 0.1),
    ],
    [Hidden(units: 1, activation: .sigmoid, norm: .layer), Hidden(units: 33, activation: .leakyRelu, dropout: 0.9)],
    [Hidden(units: 6, activation: .linear, skip: true), Hidden(units: 6, activation: .linear, skip: true)],
    [],
  ].map { hidden in
    NetworkSpecification(inputs: 6, hidden: hidden, classes: 4, inputDropout: 0.3)
  }

  static func network(_ specification: NetworkSpecification) -> Network {
    var network = Network(specification)
    network.initialize(.heUniform, seed: 7)
    // Biases, scales and shifts away from where they start; no bias is 0, where a unit whose inputs are all left out would be at relu's
    // kink.
    let layers = network.layout.layers
    network.update { parameters in
      for (index, layer) in layers.enumerated() {
        for output in 0..<layer.outputs {
          parameters[layer.biases + output] = 0.1 * Float((output + index) % 5 - 2) - 0.03
          guard layer.hasNorm else { continue }
          parameters[layer.scales + output] = 1 + 0.2 * Float((output + 2 * index) % 5 - 2)
          parameters[layer.shifts + output] = 0.15 * Float((output + 3 * index) % 7 - 3) - 0.04
        }
      }
    }
    return network
  }

  /// The places of all parameters, without padding.
  static func places(_ layout: ParameterLayout) -> [Int] {
    layout.layers.flatMap { layer in
      (0..<layer.rows).flatMap { row in (0..<layer.outputs).map { layer.weights + row * layer.stride + $0 } }
    }
  }

  /// The gradient by all parameters that the engine sums, with the blocks of a batch shared among ranks and threads.
  static func gradient(
    _ network: borrowing Network, _ sample: Sample, block: Int, firstPlace: Int, epoch: Int, ranks: Int = 1,
    threads: Int = 1, settling grid: inout GradientGrid
  ) -> [Double] {
    let plan = BlockPlan(events: sample.rows.count, block: block)
    let stride = roundedUpTo8(network.specification.inputs)
    var engine = GradientEngine(
      layout: network.layout, capacity: block, threads: threads, training: true, workOfAThread: 1)
    engine.beginEpoch(epoch, seed: 11)
    while true {
      let used = grid
      var total: [Double] = []
      for rank in (0..<ranks).reversed() {
        engine.sumBlocks(
          of: network, plan, blocks: BlockPlan.share(of: 0..<plan.blocks, worker: rank, of: ranks), grid: grid,
          firstPlace: firstPlace
        ) { index, features, labels, weights in
          sample.fill(plan.events(ofBlock: index), stride: stride, &features, &labels, &weights)
        }
        let part = engine.sums.values.array
        total = total.isEmpty ? part : zip(total, part).map { $0 + $1 }
      }
      engine.sums.withValues { values in
        for index in values.indices { values[index] = total[index] }
      }
      if plan.blocks == 1 || grid.settle(engine.sums) {
        for (index, layer) in network.layout.layers.enumerated() where plan.blocks > 1 {
          let unit = Double(sign: .plus, exponent: -used.exponents[index], significand: 1)
          for place in layer.range { total[place] *= unit }
        }
        return Array(total[..<network.layout.count])
      }
    }
  }

  @Test(arguments: combinations + mixtures)
  func gradientsAreThoseOfTheTextbookAndThoseOfFiniteDifferences(_ specification: NetworkSpecification) {
    let network = Self.network(specification)
    let sample = Sample(events: 11, features: specification.inputs, classes: specification.classes)
    let textbook = DoubleNetwork(network, masks: .init(seed: 11, epoch: 3))
    let expected = textbook.gradient(sample, firstPlace: 90)
    let places = Self.places(network.layout)
    let largest = expected.reduce(0) { max($0, $1.magnitude) }

    for block in [4, 16] {
      var grid = GradientGrid(layers: network.layout.layers.count)
      let found = Self.gradient(network, sample, block: block, firstPlace: 90, epoch: 3, settling: &grid)
      // float32 arithmetic over a few chains of at most 33 operations, relative to the largest gradient.
      for place in places { #expect(abs(found[place] - expected[place]) < 2e-5 * largest, "parameter \(place)") }
      let padding = Set(0..<network.layout.count).subtracting(places)
      #expect(padding.allSatisfy { found[$0] == 0 })
    }

    let h = 1e-5
    // In double, and no vector code: an emulated CPU looks at some.
    for place in everyNth(places) {
      func loss(_ shift: Double) -> Double {
        var moved = textbook
        moved.parameters[place] += shift
        return moved.loss(sample, firstPlace: 90)
      }
      // h² times a third derivative, and the rounding of losses of some 10 divided by h.
      let difference = (loss(h) - loss(-h)) / (2 * h)
      #expect(abs(difference - expected[place]) < 1e-7 * largest + 1e-7, "parameter \(place)")
    }
  }

  @Test(arguments: [1, 4, 16])
  func sumsAreTheSameBitsOnAnyNumberOfRanksAndThreads(_ block: Int) {
    let network = Self.network(Self.mixtures[1])
    let sample = Sample(events: 101, features: 6, classes: 4)
    var grid = GradientGrid(layers: network.layout.layers.count)
    let expected = Self.gradient(network, sample, block: block, firstPlace: 1000, epoch: 2, settling: &grid)
    for ranks in [1, 2, 3, 5] {
      for threads in [1, 2, 3] {
        var again = GradientGrid(layers: network.layout.layers.count)
        let found = Self.gradient(
          network, sample, block: block, firstPlace: 1000, epoch: 2, ranks: ranks, threads: threads, settling: &again)
        #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "\(ranks) ranks × \(threads) threads")
      }
    }
  }

  /// Other places, epochs, seeds: other masks. The same ones: the same.
  @Test func masksFollowPlaceAndEpoch() {
    let network = Self.network(Self.mixtures[0])
    let sample = Sample(events: 8, features: 6, classes: 4)
    func gradient(_ firstPlace: Int, _ epoch: Int) -> [Double] {
      var grid = GradientGrid(layers: network.layout.layers.count)
      return Self.gradient(network, sample, block: 8, firstPlace: firstPlace, epoch: epoch, settling: &grid)
    }
    let first = gradient(0, 1)
    #expect(first == gradient(0, 1) && first != gradient(1, 1) && first != gradient(0, 2))
  }

  @Test(arguments: combinations + mixtures)
  func nothingIsLeftOutInEvaluations(_ specification: NetworkSpecification) {
    let network = Self.network(specification)
    let sample = Sample(events: 40, features: specification.inputs, classes: specification.classes)
    var engine = GradientEngine(layout: network.layout, capacity: 16, threads: 1, training: false)
    let plan = BlockPlan(events: 40, block: 16)
    let stride = roundedUpTo8(specification.inputs)
    engine.sumLosses(of: network, blocks: 0..<plan.blocks) {
      sample.fill(plan.events(ofBlock: $0), stride: stride, &$1, &$2, &$3)
    }
    let expected = DoubleNetwork(network).loss(sample, firstPlace: 0)
    #expect(abs(engine.sums.loss - expected) < 1e-5 * expected)
  }

  /// A single event's step has the same bits through its inputs and deltas as through a gradient that is stored, on whatever ranks.
  @Test(arguments: combinations + mixtures)
  func aSingleEventHasTheBitsOfAStoredGradient(_ specification: NetworkSpecification) {
    let sample = Sample(events: 1, features: specification.inputs, classes: specification.classes)
    let stride = roundedUpTo8(specification.inputs)
    func parameters(isAlone: Bool) -> [UInt32] {
      var network = Self.network(specification)
      var optimizer = Optimizer(.sgd(SGD(learningRate: 0.1, momentum: 0.9)), layout: network.layout)
      var grid = GradientGrid(layers: network.layout.layers.count)
      var engine = GradientEngine(layout: network.layout, capacity: 1, threads: 1, training: true)
      for place in 0..<3 {
        engine.beginEpoch(1 + place / 2, seed: 11)
        engine.sumGradients(
          of: network, BlockPlan(events: 1, block: 1), blocks: 0..<1, isAlone: isAlone, grid: &grid, firstPlace: place,
          stopRequested: false
        ) { _, features, labels, weights in
          sample.fill(0..<1, stride: stride, &features, &labels, &weights)
        } overRanks: { _ in
        }
        optimizer.step(&network, engine, learningRate: 0.1, atStep: place, meanWeight: 1)
      }
      return network.parameters.withSpan { span in span.indices.map { span[$0].bitPattern } }
    }
    #expect(parameters(isAlone: true) == parameters(isAlone: false))
  }

  @Test func scalesStartAtOneAndShiftsAtZero() {
    var network = Network(Self.mixtures[1])
    network.initialize(.zeros, seed: 1)
    for layer in network.layout.layers.dropLast() {
      #expect(layer.hasNorm && layer.rows == layer.inputs + 3)
      #expect(network.parameters.withSpan { $0.scales(of: layer) }.allSatisfy { $0 == 1 })
      #expect(network.parameters.withSpan { $0.shifts(of: layer) }.allSatisfy { $0 == 0 })
    }
    #expect(network.layout.layers.last.map { !$0.hasNorm && $0.rows == $0.inputs + 1 } == true)
    let count = network.parameters.withSpan { span in span.indices.count { span[$0] != 0 } }
    #expect(count == 80)
  }

  @Test func layersWithNormalisationHaveMoreParametersAndScratch() {
    func specification(_ norm: Normalization, _ activation: Activation, skip: Bool = false) -> NetworkSpecification {
      NetworkSpecification(
        inputs: 15,
        hidden: (0..<3).map { Hidden(units: 30, activation: activation, norm: norm, skip: skip && $0 > 0) }, classes: 4)
    }
    #expect(specification(.layer, .relu).parameterCount == specification(.none, .relu).parameterCount + 180)
    let plain = specification(.none, .relu)
    func memory(_ specification: NetworkSpecification) -> Double {
      specification.workingMemory(optimizer: .sgd(SGD(learningRate: 0.1)), block: 1000, threads: 1)
    }
    // Per row: slopes of three layers of 32 units; x̂ of as many, and a number each.
    #expect(abs(memory(specification(.none, .silu)) - memory(plain) - 1256 * 4 * 96) < 1)
    #expect(memory(specification(.layer, .relu)) >= memory(plain) + 1256 * 4 * 99 + 180 * 20)
    #expect(memory(specification(.none, .silu, skip: true)) > memory(specification(.none, .silu)))
  }

  @Test func theProbabilityIsAMultipleOfTwoToTheMinus32() {
    for p in [0, 1e-12, 0.1, 0.25, 0.5, 0.9, 1 - 0x1p-40] {
      let dropout = Dropout(p)
      #expect(Double(dropout.threshold) * 0x1p-32 == dropout.probability)
      #expect(abs(dropout.probability - p) <= 0x1p-32 && dropout.probability < 1)
      #expect(dropout.scale == Float(1 / (1 - dropout.probability)))
    }
    #expect(Dropout(0.25).threshold == 1 << 30 && Dropout(0).scale == 1 && Dropout(1e-12).threshold == 0)
  }
}
