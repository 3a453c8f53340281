/// The activation function of a layer of hidden units, by its Keras name.
public enum Activation: String, CaseIterable, Sendable {
  /// max(0, z).
  case relu
  /// (e^z − e^−z) / (e^z + e^−z).
  case tanh
  /// 1 / (1 + e^−z).
  case sigmoid
  /// z.
  case linear
  /// z · σ(z), σ the sigmoid; also called swish. Elfwing, Uchibe, Doya, arXiv:1702.03118.
  case silu
  /// z · Φ(z), Φ the normal distribution: the exact form, as Keras' `gelu` with approximate=False. Hendrycks, Gimpel, arXiv:1606.08415.
  case gelu
  /// z for z ≥ 0, else 0.2 · z: the slope of `keras.activations.leaky_relu`.
  case leakyRelu = "leaky_relu"
  /// z for z > 0, else e^z − 1. Clevert, Unterthiner, Hochreiter, arXiv:1511.07289, with α = 1.
  case elu

  /// Whether the derivative follows from the output. The other functions are not monotone: they have the same output at two places
  /// with different slopes.
  @inlinable public var hasDerivativeByOutput: Bool {
    switch self {
    case .relu, .tanh, .sigmoid, .linear, .leakyRelu, .elu: true
    case .silu, .gelu: false
    }
  }
}
