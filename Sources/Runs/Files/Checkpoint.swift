import Events
import Formats
import FoundationEssentials
import Machine
package import NeuralNetwork
import Results
import RunFiles
package import Training

/// A model between two steps, with everything that is needed to continue the training with the same bits.
package struct Checkpoint: Equatable {
  static let format = "dist-train 4"
  /// The same with a preprocessing, which an older version would ignore.
  private static let preprocessingFormat = "dist-train 5"
  /// Without the state of a schedule: no schedule had any.
  private static let plainScheduleFormat = "dist-train 3"
  /// Without the mean weight of the training events: steps divided by the weights of their batch.
  private static let batchWeightFormat = "dist-train 2"
  /// Also without steps within an epoch: checkpoints were written only between epochs.
  private static let wholeEpochFormat = "dist-train 1"

  /// The merged run file.
  package var runFile: String
  /// The position of the training. If it was stopped before an evaluation, all steps of that epoch are done.
  package var position: TrainingPosition
  /// Completed steps, as many as there are rows of costs.npy, and rows of history.csv that belong to them.
  package var step: Int
  package var costs: Int
  package var history: Int
  /// nil before the first epoch and without a validation split.
  package var best: Best?
  package var model: Model
  /// Digest of the events of the training: it cannot continue from here with other events.
  package var eventsDigest: String
  /// Events in a block; the bits of the results depend on it.
  package var block: Int
  /// Of the gradient grids.
  package var gridExponents: [Int]
  /// The optimiser's buffers by name; none in a file for use only.
  package var optimizer: [OptimizerState]
  /// Of a learning rate that follows the validation events; nil for other schedules, and in a file for use only.
  package var plateau: Plateau.State?

  package struct OptimizerState: Equatable {
    package var name: String
    /// The shape of the layers.
    package var layers: [Model.Layer]
  }
}

extension Checkpoint {
  /// As a safetensors file.
  package func encoded() -> [UInt8] {
    var metadata = [
      "format": model.preprocessing == nil ? Self.format : Self.preprocessingFormat, "run_file": runFile,
      "epoch": "\(position.epoch)", "step": "\(step)",
      "step_in_epoch": "\(position.step)", "epoch_sums": json(position.sums), "costs": "\(costs)",
      "history": "\(history)", "events_digest": eventsDigest, "block": "\(block)",
      "class_names": json(model.classNames), "feature_names": json(model.featureNames),
      "class_weights": json(model.classWeights), "gradient_exponents": json(gridExponents),
    ]
    if let meanWeight = model.meanWeight { metadata["mean_weight"] = json(meanWeight) }
    if let mix = model.classMix { metadata["class_mix"] = json(mix) }
    if let weights = model.eventWeights { metadata["event_weights"] = json(weights) }
    if let preprocessing = model.preprocessing { metadata["preprocessing"] = json(preprocessing) }
    if let best { metadata["best"] = json(best) }
    if let plateau { metadata["plateau"] = json(plateau) }
    var tensors = Self.tensors(model.layers, prefix: "layers")
    for state in optimizer { tensors += Self.tensors(state.layers, prefix: "optimizer.\(state.name).layers") }
    let (mean, scale) = (model.standardization.mean, model.standardization.scale)
    tensors.append(Tensor(name: "input.mean", shape: [mean.count], mean))
    tensors.append(Tensor(name: "input.scale", shape: [scale.count], scale))
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
    let isOld = [Self.batchWeightFormat, Self.wholeEpochFormat].contains(format)
    guard isOld || [Self.format, Self.preprocessingFormat, Self.plainScheduleFormat].contains(format) else {
      throw broken("format \(format.literal) instead of '\(Self.format)'")
    }
    runFile = try text("run_file")
    let hasSteps = format != Self.wholeEpochFormat
    let sums =
      switch format {
      case Self.wholeEpochFormat: Statistics()
      case Self.batchWeightFormat: (try decode("epoch_sums") as BatchWeightSums).statistics
      default: try decode("epoch_sums") as Statistics
      }
    position = TrainingPosition(
      epoch: try number("epoch"), step: hasSteps ? try number("step_in_epoch") : 0, sums: sums)
    step = try number("step")
    costs = try number("costs")
    history = try number("history")
    best = file.metadata["best"] == nil ? nil : try decode("best")
    let classNames: [String] = try decode("class_names")
    let featureNames: [String] = try decode("feature_names")
    let classWeights: [Float] = try decode("class_weights")
    // Equal weights are their own mean.
    let meanWeight: Double? =
      if file.metadata["mean_weight"] != nil {
        try decode("mean_weight")
      } else if let first = classWeights.first,
        classWeights.allSatisfy({ $0 == first })
      { Double(first) } else { nil }
    if let meanWeight, !(meanWeight > 0 && meanWeight.isFinite) { throw broken("'mean_weight' is not above 0") }
    let eventWeights: FormerWeights? = file.metadata["event_weights"] == nil ? nil : try decode("event_weights")
    if let weights = eventWeights, !weights.isSound(classes: classNames.count) {
      throw broken("'event_weights' is not valid")
    }
    let classMix: ClassMix? = file.metadata["class_mix"] == nil ? nil : try decode("class_mix")
    if let classMix, !classMix.isSound(classes: classNames.count) { throw broken("'class_mix' is not valid") }
    let preprocessing: FittedPreprocessing? = file.metadata["preprocessing"] == nil ? nil : try decode("preprocessing")
    if let preprocessing {
      guard preprocessing.isSound, preprocessing.preprocessing.inputNames == featureNames else {
        throw broken("'preprocessing' does not give its features")
      }
    }
    eventsDigest = try text(isOld ? "events_sha256" : "events_digest")
    plateau = file.metadata["plateau"] == nil ? nil : try decode("plateau")
    if let plateau, !plateau.isSound { throw broken("'plateau' is not what it should be") }
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
    let standardization = Standardization(
      mean: try vector("input.mean", count: featureNames.count),
      scale: try vector("input.scale", count: featureNames.count))
    func layers(_ prefix: String) throws -> [Model.Layer] {
      var layers: [Model.Layer] = []
      var inputs = inputs
      while let weight = tensors["\(prefix).\(layers.count).weight"] {
        guard weight.shape.count == 2, weight.shape[1] == inputs, weight.shape[0] > 0,
          case .float32(let values) = weight.values
        else {
          throw broken("\(weight.name) has shape \(weight.shape.prefix(9)), its inputs are \(inputs)")
        }
        let outputs = weight.shape[0]
        let name = "\(prefix).\(layers.count)"
        var layer = Model.Layer(
          outputs: outputs, weights: values, biases: try vector("\(name).bias", count: outputs))
        if tensors["\(name).norm.weight"] != nil {
          layer.norm = Model.Norm(
            scales: try vector("\(name).norm.weight", count: outputs),
            shifts: try vector("\(name).norm.bias", count: outputs))
        }
        layers.append(layer)
        inputs = outputs
      }
      return layers
    }
    model = Model(
      classNames: classNames, featureNames: featureNames, classWeights: classWeights, meanWeight: meanWeight,
      eventWeights: eventWeights, classMix: classMix, preprocessing: preprocessing, standardization: standardization,
      layers: try layers("layers"))
    optimizer = try Self.optimizerNames(file.tensors).map { name in
      OptimizerState(name: name, layers: try layers("optimizer.\(name).layers"))
    }
    let all = model.layers + optimizer.flatMap(\.layers)
    guard file.tensors.count == 2 * (all.count + all.count { $0.norm != nil } + 1) else {
      throw broken("it has tensors that belong to no layer")
    }
    // A single output suffices for two classes.
    guard let outputs = model.layers.last?.outputs, classWeights.count == classNames.count,
      outputs == classNames.count || (outputs == 1 && classNames.count == 2)
    else { throw broken("the last layer does not have one output for each of \(classNames.count) classes") }
    func shape(_ layers: [Model.Layer]) -> [[Int]] { layers.map { [$0.outputs, $0.norm == nil ? 0 : 1] } }
    guard optimizer.allSatisfy({ shape($0.layers) == shape(model.layers) }),
      gridExponents.count == model.layers.count, gridExponents.allSatisfy({ abs($0) < 1000 })
    else { throw broken("its optimiser state does not fit its layers") }
  }

  private static func tensors(_ layers: [Model.Layer], prefix: String) -> [Tensor] {
    layers.enumerated().flatMap { index, layer in
      let name = "\(prefix).\(index)"
      let dense = [
        Tensor(name: "\(name).weight", shape: [layer.outputs, layer.inputs], layer.weights),
        Tensor(name: "\(name).bias", shape: [layer.outputs], layer.biases),
      ]
      guard let norm = layer.norm else { return dense }
      return dense + [
        Tensor(name: "\(name).norm.weight", shape: [layer.outputs], norm.scales),
        Tensor(name: "\(name).norm.bias", shape: [layer.outputs], norm.shifts),
      ]
    }
  }

  /// The names of the optimiser's buffers, in the order of the file.
  private static func optimizerNames(_ tensors: [Tensor]) -> [String] {
    tensors.compactMap { tensor in
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count == 5 && parts[0] == "optimizer" && parts[2...].elementsEqual(["layers", "0", "weight"])
        ? String(parts[1]) : nil
    }
  }
}
