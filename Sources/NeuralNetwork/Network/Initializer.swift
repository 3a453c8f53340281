/// How the weights of a layer start, by its Keras name. Biases always start at zero.
public enum Initializer: Equatable, Sendable, Codable {
  /// Uniform in [low, high).
  case randomUniform(low: Float, high: Float)
  /// Uniform in ±√(6 / (inputs + outputs)); Glorot and Bengio, AISTATS 2010.
  case glorotUniform
  /// Uniform in ±√(6 / inputs); He et al., ICCV 2015.
  case heUniform
  /// Uniform in ±√(3 / inputs); LeCun et al., "Efficient BackProp", 1998.
  case lecunUniform
  // The normal ones are plain normal distributions. Keras truncates them at two standard deviations and widens them, so that
  // the standard deviation is the same.
  /// Normal with mean 0 and standard deviation √(2 / (inputs + outputs)); Glorot and Bengio, AISTATS 2010.
  case glorotNormal
  /// Normal with mean 0 and standard deviation √(2 / inputs); He et al., ICCV 2015.
  case heNormal
  /// Normal with mean 0 and standard deviation √(1 / inputs); LeCun et al., 1998; Klambauer et al., arXiv:1706.02515.
  case lecunNormal
  /// All zero.
  case zeros
}
