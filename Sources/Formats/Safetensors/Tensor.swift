/// A named array of numbers in a file, with its last index running fastest.
public struct Tensor: Equatable, Sendable {
  /// The numbers, in one of the two precisions that a run keeps.
  public enum Values: Equatable, Sendable {
    /// Single precision, `F32` in safetensors.
    case float32([Float])
    /// Double precision, `F64` in safetensors.
    case float64([Double])
    public var count: Int {
      switch self {
      case .float32(let values): values.count
      case .float64(let values): values.count
      }
    }
  }

  /// The name by which the tensor is found again, such as `layers.0.weight`.
  public var name: String
  /// The extent of each dimension; empty for a single number.
  public var shape: [Int]
  /// As many values as the product of `shape`.
  public var values: Values

  /// A tensor of single precision.
  public init(name: String, shape: [Int], _ values: [Float]) {
    self.init(name: name, shape: shape, values: .float32(values))
  }

  /// A tensor of double precision.
  public init(name: String, shape: [Int], _ values: [Double]) {
    self.init(name: name, shape: shape, values: .float64(values))
  }

  /// A tensor of either precision.
  public init(name: String, shape: [Int], values: Values) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}
