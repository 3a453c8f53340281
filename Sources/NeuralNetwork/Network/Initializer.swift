/// How the weights of a layer start, by its Keras name. Biases always start at zero.
public enum Initializer: Equatable, Sendable, Codable {
  /// Uniform in [low, high).
  case randomUniform(low: Float, high: Float)
  /// Uniform in ±√(6 / (inputs + outputs)); Glorot and Bengio, AISTATS 2010.
  case glorotUniform
  /// Uniform in ±√(6 / inputs); He et al., ICCV 2015.
  case heUniform
  /// Normal with mean 0 and standard deviation √(2 / inputs); He et al., ICCV 2015.
  case heNormal
  /// All zero.
  case zeros
}
