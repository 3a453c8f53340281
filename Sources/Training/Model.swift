package import Events
package import NeuralNetwork

/// A network for use: what a training makes, checkpoints contain and exports write. Its activations are those of the run file
/// beside it.
package struct Model: Equatable, Sendable {
  package var classNames: [String]
  package var featureNames: [String]
  /// The weight of each class in the loss.
  package var classWeights: [Float]
  /// The mean of the training weights over the training events (see `EventStore.Header`), above 0; nil where an old checkpoint
  /// does not say.
  package var meanWeight: Double?
  /// What is done to the features before the first layer.
  package var standardization: Standardization
  /// The dense layers from the inputs on.
  package var layers: [Layer]

  package init(
    classNames: [String], featureNames: [String], classWeights: [Float], meanWeight: Double?,
    standardization: Standardization, layers: [Layer]
  ) {
    self.classNames = classNames
    self.featureNames = featureNames
    self.classWeights = classWeights
    self.meanWeight = meanWeight
    self.standardization = standardization
    self.layers = layers
  }

  /// Weights (outputs, inputs) in row-major order, the order of PyTorch, and biases (outputs) of a dense layer.
  package struct Layer: Equatable, Sendable {
    package var outputs: Int
    package var weights: [Float]
    package var biases: [Float]
    package var inputs: Int { weights.count / outputs }

    package init(outputs: Int, weights: [Float], biases: [Float]) {
      self.outputs = outputs
      self.weights = weights
      self.biases = biases
    }
  }

  /// Units per layer from inputs to outputs.
  package var sizes: [Int] { [featureNames.count] + layers.map(\.outputs) }

  /// The network with these parameters; nil if it is none of this specification.
  package func network(_ specification: NetworkSpecification) -> Network? {
    guard specification.sizes == sizes else { return nil }
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
      Model.Layer(outputs: layer.outputs, weights: values.weights(of: layer), biases: values.biases(of: layer))
    }
  }

  /// The inverse: one flat buffer's worth of values, with zeros for padding.
  package static func values(_ layers: [Model.Layer], _ layout: ParameterLayout) -> [Float] {
    var values = [Float](repeating: 0, count: layout.count)
    var span = values.mutableSpan
    for (state, layer) in zip(layers, layout.layers) {
      span.set(weights: state.weights, biases: state.biases, of: layer)
    }
    return values
  }
}
