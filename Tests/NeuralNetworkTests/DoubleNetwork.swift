import Foundation
import KernelOperands
import NeuralNetwork

/// A network with all that hidden layers can do, event by event, in double, from the textbook: loss, gradient, and the masks of
/// dropout from what their documentation says. Parameters are one flat array in the layout of the engine.
struct DoubleNetwork {
  let specification: NetworkSpecification
  let layout: ParameterLayout
  var parameters: [Double]
  /// What decides the masks; nil: nothing is left out.
  var masks: Masks?

  init(_ network: borrowing Network, masks: Masks? = nil) {
    specification = network.specification
    layout = network.layout
    parameters = network.parameters.withSpan { span in span.indices.map { Double(span[$0]) } }
    self.masks = masks
  }

  struct Masks {
    var seed: UInt64
    var epoch: Int

    /// What a unit of hidden layer `layer` (from 1; 0: the inputs) is multiplied by, for the event at this place.
    func factor(_ probability: Double, layer: Int, unit: Int, place: Int) -> Double {
      guard probability > 0 else { return 1 }
      let threshold = (probability * 0x1p32).rounded()
      let stream = Self.mix(
        Self.mix(seed &+ Self.phi) &+ Self.phi &* (1 << 63 + UInt64(layer) << 32 + UInt64(epoch)))
      let key = Self.mix(stream &+ Self.phi &* (UInt64(place) &+ 1))
      var h = UInt32(key & 0xFFFF_FFFF) &+ UInt32(unit) &* 0x9E37_79B9
      h = (h ^ (h >> 16)) &* 0x21F0_AAAD
      h ^= UInt32(key >> 32)
      h = (h ^ (h >> 15)) &* 0x735A_2D97
      return Double(h) >= threshold ? 1 / (1 - threshold * 0x1p-32) : 0
    }

    private static let phi: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mix(_ value: UInt64) -> UInt64 {
      var z = value
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  static func activate(_ kind: Activation, _ z: Double) -> Double {
    switch kind {
    case .relu: max(0, z)
    case .tanh: tanh(z)
    case .sigmoid: 1 / (1 + exp(-z))
    case .linear: z
    case .silu: z / (1 + exp(-z))
    case .gelu: z * erfc(-z / 2.0.squareRoot()) / 2
    case .leakyRelu: z < 0 ? 0.2 * z : z
    case .elu: z > 0 ? z : expm1(z)
    }
  }

  static func slope(_ kind: Activation, _ z: Double) -> Double {
    let sigmoid = 1 / (1 + exp(-z))
    return switch kind {
    case .relu: z > 0 ? 1 : 0
    case .tanh: 1 - tanh(z) * tanh(z)
    case .sigmoid: sigmoid * (1 - sigmoid)
    case .linear: 1
    case .silu: sigmoid * (1 + z * (1 - sigmoid))
    case .gelu: erfc(-z / 2.0.squareRoot()) / 2 + z * exp(-z * z / 2) / (2 * Double.pi).squareRoot()
    case .leakyRelu: z < 0 ? 0.2 : 1
    case .elu: z > 0 ? 1 : exp(z)
    }
  }

  /// What one event leaves behind in a layer.
  private struct Trace {
    var inputs: [Double]
    /// x̂ and 1 / √(variance + ε), of a normalised layer.
    var normalized: [Double] = []
    var inverseDeviation = 1.0
    /// By the argument of the activation: that of the result, dropout included.
    var slopes: [Double] = []
  }

  private func forward(_ event: [Double], place: Int) -> (logits: [Double], traces: [Trace]) {
    var values = event.enumerated().map { unit, value in
      value * (masks?.factor(specification.inputDropout, layer: 0, unit: unit, place: place) ?? 1)
    }
    var traces: [Trace] = []
    for (index, layer) in layout.layers.enumerated() {
      var trace = Trace(inputs: values)
      var z = (0..<layer.outputs).map { output in
        values.indices.reduce(parameters[layer.biases + output]) {
          $0 + values[$1] * parameters[layer.weights + $1 * layer.stride + output]
        }
      }
      if index < specification.hidden.count {
        let hidden = specification.hidden[index]
        if hidden.norm == .layer {
          let mean = z.reduce(0, +) / Double(z.count)
          let variance = z.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(z.count)
          trace.inverseDeviation = 1 / (variance + 1e-3).squareRoot()
          trace.normalized = z.map { ($0 - mean) * trace.inverseDeviation }
          z = z.indices.map {
            parameters[layer.scales + $0] * trace.normalized[$0] + parameters[layer.shifts + $0]
          }
        }
        let factors = z.indices.map {
          masks?.factor(hidden.dropout, layer: index + 1, unit: $0, place: place) ?? 1
        }
        trace.slopes = z.indices.map { Self.slope(hidden.activation, z[$0]) * factors[$0] }
        values = z.indices.map {
          Self.activate(hidden.activation, z[$0]) * factors[$0] + (hidden.skip ? trace.inputs[$0] : 0)
        }
      } else {
        values = z
      }
      traces.append(trace)
    }
    return (values, traces)
  }

  /// Σ weight · loss over the events, the first of which is at `firstPlace`.
  func loss(_ sample: Sample, firstPlace: Int) -> Double {
    sample.rows.indices.reduce(0) { sum, index in
      let logits = forward(sample.rows[index].map { Double($0) }, place: firstPlace + index).logits
      let largest = logits.max() ?? 0
      let loss = log(logits.reduce(0) { $0 + exp($1 - largest) }) + largest - logits[Int(sample.labels[index])]
      return sum + Double(sample.weights[index]) * loss
    }
  }

  /// Its gradient by all parameters.
  func gradient(_ sample: Sample, firstPlace: Int) -> [Double] {
    var gradient = parameters.map { _ in 0.0 }
    for (row, event) in sample.rows.enumerated() {
      let (logits, traces) = forward(event.map { Double($0) }, place: firstPlace + row)
      let largest = logits.max() ?? 0
      let total = logits.reduce(0) { $0 + exp($1 - largest) }
      // By the outputs of a layer.
      var delta = logits.enumerated().map { index, logit in
        Double(sample.weights[row]) * (exp(logit - largest) / total - (index == Int(sample.labels[row]) ? 1 : 0))
      }
      for (index, layer) in layout.layers.enumerated().reversed() {
        let trace = traces[index]
        var byInputs = trace.inputs.map { _ in 0.0 }
        if index < specification.hidden.count {
          if specification.hidden[index].skip { byInputs = delta }
          delta = zip(delta, trace.slopes).map { $0 * $1 }
          if layer.hasNorm {
            for unit in delta.indices {
              gradient[layer.scales + unit] += delta[unit] * trace.normalized[unit]
              gradient[layer.shifts + unit] += delta[unit]
            }
            let h = delta.indices.map { delta[$0] * parameters[layer.scales + $0] }
            let mean = h.reduce(0, +) / Double(h.count)
            let product = h.indices.reduce(0) { $0 + h[$1] * trace.normalized[$1] } / Double(h.count)
            delta = h.indices.map { (h[$0] - mean - trace.normalized[$0] * product) * trace.inverseDeviation }
          }
        }
        for output in delta.indices {
          gradient[layer.biases + output] += delta[output]
          for input in trace.inputs.indices {
            let place = layer.weights + input * layer.stride + output
            gradient[place] += delta[output] * trace.inputs[input]
            byInputs[input] += delta[output] * parameters[place]
          }
        }
        delta = byInputs
      }
    }
    return gradient
  }
}
