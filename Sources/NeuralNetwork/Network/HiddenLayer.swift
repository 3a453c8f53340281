public import KernelOperands

extension NetworkSpecification {
  /// A layer of hidden units: y = [x +] dropout(activation(norm(W · x + b))), where x are its inputs.
  public struct HiddenLayer: Equatable, Sendable, Codable {
    public var units: Int
    /// The activation of the units.
    public var activation: Activation
    /// The normalisation between the weighted sums and the activation.
    public var norm: Normalization
    /// Whether the inputs are added to the outputs (skip connection): the layer then has as many units as inputs.
    public var skip: Bool
    /// The dropout probability of the units, 0 ≤ dropout < 1; see ``Dropout``.
    public var dropout: Double

    public init(
      units: Int, activation: Activation, norm: Normalization = .none, skip: Bool = false, dropout: Double = 0
    ) {
      self.units = units
      self.activation = activation
      self.norm = norm
      self.skip = skip
      self.dropout = dropout
    }
  }
}

/// The normalisation of the weighted sums of a hidden layer before its activation, by its name in the run file.
public enum Normalization: String, CaseIterable, Codable, Sendable {
  /// Nothing.
  case none
  /// Each event's sums are shifted and scaled to mean 0 and variance 1 over the units, then multiplied by γ (at the start 1) and
  /// shifted by β (at the start 0), a number each per unit: Ba, Kiros, Hinton, arXiv:1607.06450. ε = 10⁻³ is added to the variance,
  /// as by Keras' LayerNormalization.
  case layer
}

// Here, as Embedded Swift, for which the kernels and their operands compile, has no Codable.
extension Activation: Codable {}
