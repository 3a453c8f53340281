import ElementaryFunctions
import Kernels
import Numerics

extension Network {
  /// Gives every weight its starting value, every bias zero; the scales of normalisations are 1, their shifts zero.
  ///
  /// The weight from input i to output o of layer l takes number i · outputs + o of the stream `initializer(layer: l)`, so it
  /// depends on the seed and its own place alone. Uniform values are low + (high − low) · u, computed in double; normal
  /// ones come in pairs by Box and Muller (1958): numbers 2j and 2j + 1 give weights 2j and 2j + 1 as
  /// √(−2 ln(1 − u₀)) · cos 2πu₁ and · sin 2πu₁.
  public mutating func initialize(_ initializer: Initializer, seed: UInt64) {
    let layers = layout.layers
    update { parameters in
      for index in 0..<parameters.count { parameters[index] = 0 }
      for (number, layer) in layers.enumerated() {
        let random = CounterRandom(seed: seed, stream: RandomStream.initializer(layer: number))
        for input in 0..<layer.inputs {
          for output in 0..<layer.outputs {
            parameters[layer.weights + input * layer.stride + output] = initializer.weight(
              number: UInt64(input * layer.outputs + output), inputs: layer.inputs, outputs: layer.outputs, random)
          }
        }
        guard layer.hasNorm else { continue }
        for output in 0..<layer.outputs { parameters[layer.scales + output] = 1 }
      }
    }
  }
}

extension Initializer {
  fileprivate func weight(number: UInt64, inputs: Int, outputs: Int, _ random: CounterRandom) -> Float {
    func uniform(_ limit: Double) -> Float { Float(-limit + 2 * limit * random.uniform(number)) }
    func normal(_ variance: Double) -> Float {
      let radius = (-2 * Elementary.naturalLogarithm(1 - random.uniform(number & ~1))).squareRoot()
      let angle = 2 * .pi * random.uniform(number | 1)
      let normal = radius * (number & 1 == 0 ? Elementary.cosine(angle) : Elementary.sine(angle))
      return Float(variance.squareRoot() * normal)
    }
    switch self {
    case .randomUniform(let low, let high):
      return Float(Double(low) + (Double(high) - Double(low)) * random.uniform(number))
    case .glorotUniform: return uniform((6 / Double(inputs + outputs)).squareRoot())
    case .heUniform: return uniform((6 / Double(inputs)).squareRoot())
    case .lecunUniform: return uniform((3 / Double(inputs)).squareRoot())
    case .glorotNormal: return normal(2 / Double(inputs + outputs))
    case .heNormal: return normal(2 / Double(inputs))
    case .lecunNormal: return normal(1 / Double(inputs))
    case .zeros: return 0
    }
  }
}
