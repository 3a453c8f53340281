import Foundation
import KernelOperands
import NeuralNetwork

/// A scalar network in double, written from the textbook: the oracle of the engine.
struct ReferenceNetwork {
  var specification: NetworkSpecification
  /// Per layer [outputs][inputs] and [outputs].
  var weights: [[[Double]]]
  var biases: [[Double]]

  init(_ network: borrowing Network) {
    specification = network.specification
    weights = []
    biases = []
    for layer in network.layout.layers {
      let flat = network.parameters.withSpan { $0.weights(of: layer) }.map { Double($0) }
      weights.append((0..<layer.outputs).map { Array(flat[$0 * layer.inputs..<($0 + 1) * layer.inputs]) })
      biases.append(network.parameters.withSpan { $0.biases(of: layer) }.map { Double($0) })
    }
  }

  func logits(_ event: [Double]) -> [Double] {
    var values = event
    for layer in weights.indices {
      values = zip(weights[layer], biases[layer]).map { row, bias in zip(row, values).reduce(bias) { $0 + $1.0 * $1.1 }
      }
      guard layer < specification.hidden.count else { break }
      values = values.map { DoubleNetwork.activate(specification.hidden[layer].activation, $0) }
    }
    return values
  }

  func loss(_ event: [Double], label: Int) -> Double {
    let logits = logits(event)
    let largest = logits.max() ?? 0
    return log(logits.reduce(0) { $0 + exp($1 - largest) }) + largest - logits[label]
  }

  /// Sum of weight × loss.
  func loss(of events: Sample) -> Double {
    events.rows.indices.reduce(0) {
      $0 + Double(events.weights[$1]) * loss(events.rows[$1].map { Double($0) }, label: Int(events.labels[$1]))
    }
  }
}

/// Made-up events.
struct Sample {
  var rows: [[Float]]
  var labels: [Int32]
  var weights: [Float]

  init(events: Int, features: Int, classes: Int, seed: UInt64 = 1, scale: Float = 1) {
    var generator = SystemLikeGenerator(state: seed)
    rows = (0..<events).map { _ in (0..<features).map { _ in Float.random(in: -2...2, using: &generator) * scale } }
    labels = (0..<events).map { _ in Int32.random(in: 0..<Int32(classes), using: &generator) }
    weights = (0..<events).map { _ in Float.random(in: 0.25...2, using: &generator) }
  }

  func fill(
    _ places: Range<Int>, stride: Int, _ features: inout MutableSpan<Float>, _ labels: inout MutableSpan<Int32>,
    _ weights: inout MutableSpan<Float>
  ) -> Int {
    for (index, place) in places.enumerated() {
      for (feature, value) in rows[place].enumerated() { features[index * stride + feature] = value }
      labels[index] = self.labels[place]
      weights[index] = self.weights[place]
    }
    return places.count
  }
}

struct SystemLikeGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ (state >> 29)) &* 0x9E37_79B9_7F4A_7C15
  }
}
