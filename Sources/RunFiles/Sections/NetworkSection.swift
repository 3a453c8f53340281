package import KernelOperands
package import NeuralNetwork

extension RunFile {
  /// The section `network`: the hidden layers. As many inputs as features come before them, as many softmax outputs
  /// as processes after them.
  package struct NetworkSection: Equatable, Sendable, Codable {
    /// The units of each hidden layer, 1 to 1,000,000. Without any the network is a linear classifier.
    /// Default: 30, 30, 30.
    package var hidden: [Int]
    /// The activation of each hidden layer. Default: ReLU.
    package var activations: [Activation]
    /// How the weights start. Default: Glorot uniform.
    package var initializer: Initializer
  }
}

extension RunFile.NetworkSection {
  init(_ section: RunFileSection) {
    let hidden = section["hidden"]?.list(orEmpty: true) { $0.integer(1...1_000_000) } ?? [30, 30, 30]
    self.hidden = hidden
    activations = section["activation"]?.onePerLayer(hidden.count) ?? hidden.map { _ in .relu }
    initializer =
      section["initializer"]?.variant(
        [
          "glorot_uniform": .glorotUniform, "he_uniform": .heUniform, "he_normal": .heNormal, "zeros": .zeros,
        ], ["random_uniform": { $0.randomUniform() }],
        expected: "glorot_uniform, he_uniform, he_normal, zeros or {random_uniform: [-0.1, 0.1]}") ?? .glorotUniform
  }
}

extension RunFileValue {
  fileprivate func onePerLayer(_ layers: Int) -> [Activation]? {
    guard isList else { return choice().map { Array(repeating: $0, count: layers) } }
    guard let activations: [Activation] = list(orEmpty: true, { $0.choice() }) else { return nil }
    return activations.count == layers
      ? activations : wrong(count: activations.count, "one activation per hidden layer (\(layers)), or one for all")
  }

  fileprivate func randomUniform() -> Initializer? {
    guard let limits = list({ $0.number(.any) }) else { return nil }
    guard limits.count == 2, Float(limits[0]) < Float(limits[1]) else {
      return wrong("two numbers, the lower one first")
    }
    return .randomUniform(low: Float(limits[0]), high: Float(limits[1]))
  }
}

extension RunFile.NetworkSection {
  var yaml: String {
    """
    network:
      hidden: [\(hidden.map { "\($0)" }.joined(separator: ", "))]
      activation: [\(activations.map(\.rawValue).joined(separator: ", "))]
      initializer: \(initializer.yaml)
    """
  }
}

extension Initializer {
  fileprivate var yaml: String {
    switch self {
    case .heUniform: "he_uniform"
    case .heNormal: "he_normal"
    case .glorotUniform: "glorot_uniform"
    case .zeros: "zeros"
    case .randomUniform(let low, let high): "{random_uniform: [\(low.yaml), \(high.yaml)]}"
    }
  }
}
