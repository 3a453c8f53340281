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
}
