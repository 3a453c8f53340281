/// The activation functions that have a kernel.
public enum ActivationKind: Sendable {
  /// max(0, x). NaN stays NaN and −0 stays −0.
  case relu
  /// tanh x, within 1.07 ulp.
  case tanh
  /// 1 / (1 + e⁻ˣ), within 1.66 ulp.
  case sigmoid
  /// x.
  case linear
}
