package import Events
package import NeuralNetwork

/// A trained network: what a training produces, checkpoints contain and exports write. Its activations are those of the run file
/// beside it.
package struct Model: Equatable, Sendable {
  package var classNames: [String]
  package var featureNames: [String]
  /// The weight of each class in the loss.
  package var classWeights: [Float]
  /// The mean of the training weights over the training events (see `EventStore.Header`), above 0; nil where an old checkpoint
  /// does not say.
  package var meanWeight: Double?
  /// The class factors of a training whose events had weights of their own, or whose processes had shares in their classes; nil
  /// otherwise.
  package var eventWeights: FormerWeights?
  /// How much of each class was trained on, and is expected; nil where an older checkpoint does not say.
  package var classMix: ClassMix?
  /// How the features are computed from the columns of files; nil: they are columns.
  package var preprocessing: FittedPreprocessing?
  /// What is done to the features before the first layer.
  package var standardization: Standardization
  /// The dense layers from the inputs on.
  package var layers: [Layer]

  package init(
    classNames: [String], featureNames: [String], classWeights: [Float], meanWeight: Double?,
    eventWeights: FormerWeights? = nil, classMix: ClassMix? = nil, preprocessing: FittedPreprocessing? = nil,
    standardization: Standardization,
    layers: [Layer]
  ) {
    self.classNames = classNames
    self.featureNames = featureNames
    self.classWeights = classWeights
    self.meanWeight = meanWeight
    self.eventWeights = eventWeights
    self.classMix = classMix
    self.preprocessing = preprocessing
    self.standardization = standardization
    self.layers = layers
  }

  /// Weights (outputs, inputs) in row-major order, the order of PyTorch, and biases (outputs) of a dense layer, and its norm's.
  package struct Layer: Equatable, Sendable {
    package var outputs: Int
    package var weights: [Float]
    package var biases: [Float]
    /// nil for a layer that is not normalised.
    package var norm: Norm?
    package var inputs: Int { weights.count / outputs }

    package init(outputs: Int, weights: [Float], biases: [Float], norm: Norm? = nil) {
      self.outputs = outputs
      self.weights = weights
      self.biases = biases
      self.norm = norm
    }
  }

  /// Scales γ and shifts β (outputs) of a layer's normalisation; see `Normalization`.
  package struct Norm: Equatable, Sendable {
    package var scales: [Float]
    package var shifts: [Float]

    package init(scales: [Float], shifts: [Float]) {
      self.scales = scales
      self.shifts = shifts
    }
  }

  /// Units per layer from inputs to outputs.
  package var sizes: [Int] { [featureNames.count] + layers.map(\.outputs) }

  /// Whether the layers have the shapes of this specification.
  package func isOf(_ specification: NetworkSpecification) -> Bool {
    specification.sizes == sizes
      && zip(specification.hidden, layers).allSatisfy { ($0.norm != .none) == ($1.norm != nil) }
      && layers.last?.norm == nil
  }

  /// The network with these parameters; nil if they do not match this specification.
  package func network(_ specification: NetworkSpecification) -> Network? {
    guard isOf(specification) else { return nil }
    var network = Network(specification)
    let values = Layer.values(layers, network.layout)
    network.update { parameters in
      for index in values.indices { parameters[index] = values[index] }
    }
    return network
  }
}

extension Model.Layer {
  /// The layers in one flat buffer's worth of values, which have the layout of the parameters: those, or a state of the
  /// optimiser.
  package static func layers(of values: [Float], _ layout: ParameterLayout) -> [Model.Layer] {
    let values = values.span
    return layout.layers.map { layer in
      Model.Layer(
        outputs: layer.outputs, weights: values.weights(of: layer), biases: values.biases(of: layer),
        norm: layer.hasNorm ? .init(scales: values.scales(of: layer), shifts: values.shifts(of: layer)) : nil)
    }
  }

  /// The inverse: one flat buffer's worth of values, with zeros for padding.
  package static func values(_ layers: [Model.Layer], _ layout: ParameterLayout) -> [Float] {
    var values = [Float](repeating: 0, count: layout.count)
    var span = values.mutableSpan
    for (state, layer) in zip(layers, layout.layers) {
      span.set(weights: state.weights, biases: state.biases, of: layer)
      if let norm = state.norm { span.set(scales: norm.scales, shifts: norm.shifts, of: layer) }
    }
    return values
  }
}
