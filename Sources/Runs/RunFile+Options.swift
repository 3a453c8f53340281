package import Events
package import NeuralNetwork
package import RunFiles
package import Training

// What the modules below take from a run file.

extension RunFile {
  package var networkSpecification: NetworkSpecification {
    NetworkSpecification(
      inputs: data.inputNames.count,
      hidden: network.hidden, classes: data.classNames.count, objective: objective,
      inputDropout: network.inputDropout)
  }

  package var objective: Objective {
    Objective(
      training.loss, labelSmoothing: training.labelSmoothing, focalGamma: training.focalGamma,
      negativeClip: training.eventWeights.negativeClip)
  }

  package var trainerOptions: Trainer.Options {
    Trainer.Options(
      network: networkSpecification, initializer: network.initializer,
      optimizer: training.optimizer, l2: training.l2, schedule: training.schedule, warmupEpochs: training.warmupEpochs,
      batchSize: training.batchSize, block: training.block, epochs: training.epochs, shuffle: training.shuffle,
      seed: training.seed, reduction: training.reduction, replicaCheck: safety.replicaCheck,
      metrics: training.monitoring.metrics)
  }

  /// The same with an explicit block size, as it decides the bits, and the default may change in a later version.
  var withBlock: RunFile {
    var run = self
    run.training.block = trainerOptions.block
    return run
  }

  /// What events are loaded for.
  package enum EventPurpose {
    /// Training: scaling and class weights are measured.
    case training
    /// The same division of the same events, with a model's scaling and weights.
    case sameSplit(Model)
    /// All events are test events of a model, evaluated with its weights.
    case test(Model)
  }

  package func loader(for purpose: EventPurpose) -> EventLoader {
    let measured = data.standardize ? Scaling.measured : .given(.identity(features: data.inputNames.count))
    let split = split.split(in: data.directory)
    let preprocessing: PreprocessingSource? =
      switch purpose {
      case .training: data.preprocessing.map { .measured($0) }
      case .sameSplit(let model), .test(let model): model.preprocessing.map { .given($0) }
      }
    let (use, scaling, weights, meanWeight, former): (Split, Scaling, ClassWeights, Double?, FormerWeights?) =
      switch purpose {
      case .training: (split, measured, training.classWeights, nil, nil)
      case .sameSplit(let model):
        (split, .given(model.standardization), model.weightsByClass, model.meanWeight, model.eventWeights)
      case .test(let model):
        (
          Split(train: 0, validation: 0, test: 1), .given(model.standardization), model.weightsByClass,
          meanWeight(of: model), model.eventWeights
        )
      }
    return EventLoader(
      processes: data.processes, directory: data.directory,
      request: data.request, split: use,
      seed: self.split.seed, scaling: scaling, classWeights: weights, meanWeight: meanWeight, classes: data.classes,
      weighting: Weighting(
        columns: data.weight, variations: data.weightVariations, isUsed: training.eventWeights.use,
        negative: training.eventWeights.negative, share: data.share), former: former, preprocessing: preprocessing)
  }
}

extension RunFile.DataSection {
  /// What to read from event files, except the columns for weights and for a preprocessing.
  package var request: EventRequest {
    var request = EventRequest(layout: layout, features: features, identity: event)
    (request.columns, request.text) = (columns, text)
    return request
  }
}

extension RunFile {
  /// The mean of the weights over the events that a model was trained on; nil where it is not known without these events. That of
  /// balanced classes is 1, but for the rounding of the weights.
  package func meanWeight(of model: Model) -> Double? {
    model.meanWeight ?? (training.classWeights == .balanced ? 1 : nil)
  }
}

extension Model {
  fileprivate var weightsByClass: ClassWeights { .perClass(classWeights.map { Double($0) }) }
}
