import KernelOperands
package import NeuralNetwork

extension RunFile {
  /// The section `network`: the hidden layers. As many inputs as features come before them, as many softmax outputs
  /// as processes after them.
  package struct NetworkSection: Equatable, Sendable, Codable {
    /// The hidden layers, each of 1 to 1,000,000 units. Without any the network is a linear classifier.
    /// Default: three of 30 units with ReLU.
    package var hidden: [NetworkSpecification.HiddenLayer]
    /// The dropout probability of the inputs, below 1. Default: 0.
    package var inputDropout: Double
    /// How the weights start. Default: Glorot uniform.
    package var initializer: Initializer
  }
}

extension RunFile.NetworkSection {
  /// `features`: inputs of the network.
  init(_ section: RunFileSection, features: Int) {
    var inputs = features
    let layers = section["hidden"]?.list(orEmpty: true) { value -> HiddenLayerKeys? in
      let layer = value.isSection ? value.section { HiddenLayerKeys($0, inputs: inputs) } : HiddenLayerKeys(value)
      inputs = layer?.units ?? inputs
      return layer
    }
    let hidden = layers ?? [30, 30, 30].map { HiddenLayerKeys(units: $0) }
    let activations = section["activation"]?.onePerLayer(hidden.count) ?? hidden.map { _ in .relu }
    let dropout = section["dropout"]?.number(.halfOpen(0, 1)) ?? 0
    self.hidden = zip(hidden, activations).map { $0.layer(activation: $1, dropout: dropout) }
    inputDropout = section["input_dropout"]?.number(.halfOpen(0, 1)) ?? 0
    initializer =
      section["initializer"]?.variant(
        [
          "glorot_uniform": .glorotUniform, "he_uniform": .heUniform, "lecun_uniform": .lecunUniform,
          "glorot_normal": .glorotNormal, "he_normal": .heNormal, "lecun_normal": .lecunNormal, "zeros": .zeros,
        ], ["random_uniform": { $0.randomUniform() }],
        expected: "glorot_uniform, he_uniform, lecun_uniform, glorot_normal, he_normal, lecun_normal, zeros or "
          + "{random_uniform: [-0.1, 0.1]}") ?? .glorotUniform
  }
}

/// What an entry of `hidden` says; what it leaves out is taken from the settings for all layers.
private struct HiddenLayerKeys {
  var units: Int
  var activation: Activation?
  var norm = Normalization.none
  var skip = false
  var dropout: Double?

  init(units: Int) { self.units = units }

  /// A number of units alone.
  init?(_ value: RunFileValue) {
    guard let units = value.integer(Self.possibleUnits) else { return nil }
    self.init(units: units)
  }

  /// A section of its own, of a layer with this many inputs.
  init(_ section: RunFileSection, inputs: Int) {
    units = section["units"]?.integer(Self.possibleUnits) ?? section.missing("units", example: "30", 1)
    activation = section["activation"]?.choice()
    norm = section["norm"]?.choice() ?? .none
    skip = section["skip"]?.boolean() ?? false
    dropout = section["dropout"]?.number(.halfOpen(0, 1))
    if skip && units != inputs {
      section.report(
        "skip", "adds the layer's \(inputs) inputs to its \(units) units; make both the same number, or leave skip out")
    }
  }

  func layer(activation: Activation, dropout: Double) -> NetworkSpecification.HiddenLayer {
    .init(
      units: units, activation: self.activation ?? activation, norm: norm, skip: skip,
      dropout: self.dropout ?? dropout)
  }

  private static var possibleUnits: ClosedRange<Int> { 1...1_000_000 }
}

extension RunFileValue {
  fileprivate func onePerLayer(_ layers: Int) -> [Activation]? {
    guard isList else { return choice().map { Array(repeating: $0, count: layers) } }
    guard let activations: [Activation] = list(orEmpty: true, { $0.choice() }) else { return nil }
    return activations.count == layers
      ? activations : wrong(count: activations.count, "one activation per hidden layer (\(layers)), or one for all")
  }

  fileprivate func randomUniform() -> Initializer? {
    limits().map { .randomUniform(low: Float($0.lower), high: Float($0.upper)) }
  }
}

extension RunFile.NetworkSection {
  var yaml: String {
    // Settings common to all layers are written once, so that an override reaches all of them.
    let common = hidden.first.map(\.dropout).flatMap { first in hidden.allSatisfy { $0.dropout == first } ? first : nil
    }
    let dropout = common ?? 0
    return """
      network:
        hidden: [\(hidden.map { $0.yaml(dropout: dropout) }.joined(separator: ", "))]
        activation: [\(hidden.map(\.activation.rawValue).joined(separator: ", "))]
        dropout: \(dropout.yaml)
        input_dropout: \(inputDropout.yaml)
        initializer: \(initializer.yaml)
      """
  }
}

extension NetworkSpecification.HiddenLayer {
  /// Without its activation; without its dropout where that is the one of all layers.
  fileprivate func yaml(dropout common: Double) -> String {
    guard norm != .none || skip || dropout != common else { return "\(units)" }
    var keys = ["units: \(units)"]
    if norm != .none { keys.append("norm: \(norm.rawValue)") }
    if skip { keys.append("skip: true") }
    if dropout != common { keys.append("dropout: \(dropout.yaml)") }
    return "{\(keys.joined(separator: ", "))}"
  }
}

extension Initializer {
  fileprivate var yaml: String {
    switch self {
    case .glorotUniform: "glorot_uniform"
    case .heUniform: "he_uniform"
    case .lecunUniform: "lecun_uniform"
    case .glorotNormal: "glorot_normal"
    case .heNormal: "he_normal"
    case .lecunNormal: "lecun_normal"
    case .zeros: "zeros"
    case .randomUniform(let low, let high): "{random_uniform: [\(low.yaml), \(high.yaml)]}"
    }
  }
}
