import Foundation
import KernelOperands
import Training

/// A number in double, and how far the number that float32 arithmetic computes in its place may be from it.
struct Bounded {
  var value: Double
  var error = 0.0

  /// The largest relative error of rounding to float32, and a little more for the errors of errors.
  static let rounding = 0x1.01p-24
  /// Elementary functions of the kernels are within 1.07 ulps, 2.14 roundings (`VectorFunctionTests`).
  static let function = 3 * rounding

  /// The largest magnitude.
  var most: Double { value.magnitude + error }

  static func * (a: Bounded, b: Bounded) -> Bounded {
    Bounded(
      value: a.value * b.value,
      error: a.value.magnitude * b.error + b.value.magnitude * a.error + a.error * b.error + rounding * a.most * b.most)
  }

  /// A sum in any order and grouping, fused or not: no partial sum is above that of the magnitudes.
  static func sum(_ terms: [Bounded]) -> Bounded {
    Bounded(
      value: terms.reduce(0) { $0 + $1.value },
      error: terms.reduce(0) { $0 + $1.error } + Double(terms.count) * rounding * terms.reduce(0) { $0 + $1.most })
  }

  func applying(_ activation: Activation) throws -> Bounded {
    switch activation {
    case .linear: return self
    case .relu:
      // On which side it is must be certain.
      guard value.magnitude > error else { throw Uncertain() }
      return value > 0 ? self : Bounded(value: 0)
    case .tanh: return Bounded(value: tanh(value), error: error + Self.function)
    case .sigmoid: return Bounded(value: 1 / (1 + exp(-value)), error: error / 4 + 2 * Self.function)
    case .silu, .gelu, .leakyRelu, .elu: throw Uncertain()  // LayerTests has them.
    }
  }

  /// The derivative of the activation whose result this is.
  func derivative(_ activation: Activation) -> Bounded {
    switch activation {
    case .linear: Bounded(value: 1)
    case .relu: Bounded(value: value > 0 ? 1 : 0)
    case .tanh: Bounded(value: 1 - value * value, error: 2 * most * error + 2 * Self.rounding)
    case .sigmoid: Bounded(value: value * (1 - value), error: error + 2 * Self.rounding)
    case .silu, .gelu, .leakyRelu, .elu: Bounded(value: .nan)
    }
  }

  struct Uncertain: Error {}
}

/// The network by the textbook, event by event, in double: the twin of what the trainer computes in blocks of float32, with
/// bounds on how far that may be off.
struct TextbookNetwork {
  var layers: [Model.Layer]
  var activations: [Activation]

  /// A gradient in the shape of a layer.
  struct Gradient {
    var weights: [Bounded]
    var biases: [Bounded]
  }

  private func activation(after layer: Int) -> Activation { layer < activations.count ? activations[layer] : .linear }

  /// The inputs, then what every layer gives: the logits last.
  private func forward(_ event: [Float]) throws -> [[Bounded]] {
    var values = [event.map { Bounded(value: Double($0)) }]
    for (index, layer) in layers.enumerated() {
      let inputs = values[index]
      values.append(
        try (0..<layer.outputs).map { output in
          let products = inputs.indices.map { inputs[$0] * weight(index, output, $0) }
          return try Bounded.sum(products + [Bounded(value: Double(layer.biases[output]))])
            .applying(activation(after: index))
        })
    }
    return values
  }

  private func weight(_ layer: Int, _ output: Int, _ input: Int) -> Bounded {
    Bounded(value: Double(layers[layer].weights[output * layers[layer].inputs + input]))
  }

  private func softmax(_ logits: [Bounded]) -> [Bounded] {
    let largest = logits.map(\.value).max() ?? 0
    let spread = logits.reduce(0) { max($0, largest - $1.value) }
    let total = logits.reduce(0) { $0 + exp($1.value - largest) }
    // d p = p (d z − Σ p d z); then the differences, the exponentials, their sum and the quotient are rounded.
    let relative =
      2 * (logits.map(\.error).max() ?? 0)
      + 2 * (spread * Bounded.rounding + Bounded.function + Double(logits.count) * Bounded.rounding)
    return logits.map { logit in
      let probability = exp(logit.value - largest) / total
      return Bounded(value: probability, error: probability * relative * 1.01)
    }
  }

  /// The probabilities of the classes.
  func probabilities(_ event: [Float]) throws -> [Bounded] { softmax(try forward(event)[layers.count]) }

  /// Sums of the gradients of weight × loss over events.
  func gradients(_ events: [[Float]], labels: [Int], weights: [Float]) throws -> [Gradient] {
    var terms = layers.map { layer in
      (weights: layer.weights.map { _ in [Bounded]() }, biases: layer.biases.map { _ in [Bounded]() })
    }
    for (event, (label, eventWeight)) in zip(events, zip(labels, weights)) {
      let values = try forward(event)
      var delta = softmax(values[layers.count])
      delta[label] = Bounded.sum([delta[label], Bounded(value: -1)])
      delta = delta.map { $0 * Bounded(value: Double(eventWeight)) }
      for index in layers.indices.reversed() {
        let (inputs, layer) = (values[index], layers[index])
        for output in 0..<layer.outputs {
          terms[index].biases[output].append(delta[output])
          for input in inputs.indices {
            terms[index].weights[output * layer.inputs + input].append(delta[output] * inputs[input])
          }
        }
        guard index > 0 else { break }
        delta = inputs.indices.map { input in
          Bounded.sum(delta.indices.map { delta[$0] * weight(index, $0, input) })
            * inputs[input].derivative(activation(after: index - 1))
        }
      }
    }
    return terms.map { Gradient(weights: $0.weights.map(Bounded.sum), biases: $0.biases.map(Bounded.sum)) }
  }
}
