internal import Events
internal import FoundationEssentials
internal import NeuralNetwork

/// A network between two steps, with everything that is needed to go on training with the same bits or to use it.
package struct Checkpoint: Equatable {
  static let format = "dist-train 2"
  /// Without steps in an epoch, which were none.
  private static let oldFormat = "dist-train 1"

  /// The best epoch so far by validation loss.
  struct Best: Equatable, Codable {
    var epoch: Int
    var loss: Double
  }

  /// The merged run file.
  var runFile: String
  /// Completed epochs.
  var epoch: Int
  /// Completed steps.
  var step: Int
  /// Those of the epoch after the completed ones, 0 … steps of an epoch, and what they add up to. All of its steps may be
  /// done where the epoch was stopped before its evaluation.
  var stepInEpoch: Int
  var epochSums: EpochSums
  /// Rows of costs.npy and of history.csv that belong to these steps.
  var costs: Int
  var history: Int
  /// nil before the first epoch and without a validation split.
  var best: Best?
  var classNames: [String]
  var featureNames: [String]
  /// The weight of each class in the loss.
  var classWeights: [Float]
  /// Digest of the events that were trained on, standardised: another data set cannot go on from here.
  var eventsDigest: String
  /// Events in a block: another size gives other bits.
  var block: Int
  /// Of the gradient grids.
  var gridExponents: [Int]
  var standardization: Standardization
  /// Per dense layer, weights (outputs, inputs) and biases (outputs).
  var layers: [LayerState]
  /// The optimiser's velocity in the same shape; empty in a file for use only.
  var velocity: [LayerState]

  struct LayerState: Equatable {
    var outputs: Int
    var weights: [Float]
    var biases: [Float]
    var inputs: Int { weights.count / outputs }
  }
}

extension Checkpoint {
  /// As a safetensors file.
  package func encoded() -> [UInt8] {
    var metadata = [
      "format": Self.format, "run_file": runFile, "epoch": "\(epoch)", "step": "\(step)",
      "step_in_epoch": "\(stepInEpoch)", "epoch_sums": json(epochSums), "costs": "\(costs)",
      "history": "\(history)", "events_sha256": eventsDigest, "block": "\(block)",
      "class_names": json(classNames), "feature_names": json(featureNames), "class_weights": json(classWeights),
      "gradient_exponents": json(gridExponents),
    ]
    if let best { metadata["best"] = json(best) }
    var tensors = Self.tensors(layers, prefix: "layers") + Self.tensors(velocity, prefix: "optimizer.velocity.layers")
    tensors.append(Tensor(name: "input.mean", shape: [standardization.mean.count], standardization.mean))
    tensors.append(Tensor(name: "input.scale", shape: [standardization.scale.count], standardization.scale))
    return Safetensors(metadata: metadata, tensors: tensors).encoded()
  }

  /// From a safetensors file.
  package init(decoding bytes: [UInt8], path: String) throws {
    let file = try Safetensors(decoding: bytes, path: path)
    func broken(_ what: String) -> Failure {
      Failure(.badData, "\(path): \(what); it is no checkpoint of dist-train, or of another version: use another one")
    }
    func text(_ key: String) throws -> String {
      guard let value = file.metadata[key] else { throw broken("no '\(key)' in its metadata") }
      return value
    }
    func number(_ key: String) throws -> Int {
      guard let value = Int(try text(key)), value >= 0 else { throw broken("'\(key)' is not a count") }
      return value
    }
    func decode<Value: Decodable>(_ key: String) throws -> Value {
      let text = try text(key)
      do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
        throw broken("'\(key)' is not what it should be")
      }
    }
    let format = try text("format")
    guard [Self.format, Self.oldFormat].contains(format) else {
      throw broken("format \(format.shortened) instead of '\(Self.format)'")
    }
    runFile = try text("run_file")
    epoch = try number("epoch")
    step = try number("step")
    stepInEpoch = format == Self.format ? try number("step_in_epoch") : 0
    epochSums = format == Self.format ? try decode("epoch_sums") : EpochSums()
    costs = try number("costs")
    history = try number("history")
    best = file.metadata["best"] == nil ? nil : try decode("best")
    classNames = try decode("class_names")
    featureNames = try decode("feature_names")
    classWeights = try decode("class_weights")
    eventsDigest = try text("events_sha256")
    block = try number("block")
    gridExponents = try decode("gradient_exponents")
    let tensors = Dictionary(file.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let inputs = featureNames.count
    func vector(_ name: String, count: Int) throws -> [Float] {
      guard let tensor = tensors[name], tensor.shape == [count], case .float32(let values) = tensor.values else {
        throw broken("no \(name) of \(count) float32 values")
      }
      return values
    }
    standardization = Standardization(
      mean: try vector("input.mean", count: featureNames.count),
      scale: try vector("input.scale", count: featureNames.count))
    func layers(_ prefix: String) throws -> [LayerState] {
      var layers: [LayerState] = []
      var inputs = inputs
      while let weight = tensors["\(prefix).\(layers.count).weight"] {
        guard weight.shape.count == 2, weight.shape[1] == inputs, weight.shape[0] > 0,
          case .float32(let values) = weight.values
        else {
          throw broken("\(weight.name) has shape \(weight.shape.prefix(9)), its inputs are \(inputs)")
        }
        let outputs = weight.shape[0]
        layers.append(
          LayerState(
            outputs: outputs, weights: values,
            biases: try vector("\(prefix).\(layers.count).bias", count: outputs)))
        inputs = outputs
      }
      return layers
    }
    self.layers = try layers("layers")
    velocity = try layers("optimizer.velocity.layers")
    guard file.tensors.count == 2 * (self.layers.count + velocity.count + 1) else {
      throw broken("it has tensors that belong to no layer")
    }
    guard self.layers.last?.outputs == classNames.count, classWeights.count == classNames.count else {
      throw broken("the last layer does not have one output for each of \(classNames.count) classes")
    }
    guard velocity.isEmpty || velocity.map(\.outputs) == self.layers.map(\.outputs),
      gridExponents.count == self.layers.count, gridExponents.allSatisfy({ abs($0) < 1000 })
    else { throw broken("its optimiser state does not fit its layers") }
  }

  private static func tensors(_ layers: [LayerState], prefix: String) -> [Tensor] {
    layers.enumerated().flatMap { index, layer in
      [
        Tensor(name: "\(prefix).\(index).weight", shape: [layer.outputs, layer.inputs], layer.weights),
        Tensor(name: "\(prefix).\(index).bias", shape: [layer.outputs], layer.biases),
      ]
    }
  }
}

extension Checkpoint {
  /// The same for use only, without what is needed to go on training.
  var model: Checkpoint {
    var model = self
    model.velocity = []
    model.stepInEpoch = 0
    model.epochSums = EpochSums()
    return model
  }

  /// One flat buffer's worth of layers.
  static func layers(of values: borrowing AlignedBuffer<Float>, _ layout: ParameterLayout) -> [LayerState] {
    var states: [LayerState] = []
    for layer in layout.layers {
      states.append(
        LayerState(outputs: layer.outputs, weights: values.weights(of: layer), biases: values.biases(of: layer)))
    }
    return states
  }

  /// Puts one flat buffer's worth of layers in place.
  static func restore(_ states: [LayerState], to values: inout AlignedBuffer<Float>, _ layout: ParameterLayout) {
    for (state, layer) in zip(states, layout.layers) {
      values.set(weights: state.weights, biases: state.biases, of: layer)
    }
  }
}

/// Values as one line of JSON with sorted keys.
func json(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  // Then strings, numbers and arrays of them always encode.
  guard let data = try? encoder.encode(value) else { return "null" }
  return String(decoding: data, as: UTF8.self)
}
