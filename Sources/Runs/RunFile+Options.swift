package import Events
package import NeuralNetwork
package import RunFiles
package import Training

// What the floors below take from a run file.

extension RunFile {
  package var networkSpecification: NetworkSpecification {
    NetworkSpecification(
      inputs: data.features.count,
      hidden: zip(network.hidden, network.activations).map { .init(units: $0, activation: $1) },
      classes: data.processes.count, objective: training.loss)
  }

  package var trainerOptions: Trainer.Options {
    Trainer.Options(
      network: networkSpecification, initializer: network.initializer,
      optimizer: training.optimizer, schedule: training.schedule, warmupEpochs: training.warmupEpochs,
      batchSize: training.batchSize, block: training.block, epochs: training.epochs, shuffle: training.shuffle,
      seed: training.seed, reduction: training.reduction, replicaCheck: safety.replicaCheck)
  }

  /// The same with the size of a block written out: it decides the bits, whatever a later version's rule is.
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
    /// All events are test events of a model, judged with its weights.
    case test(Model)
  }

  package func loader(for purpose: EventPurpose) -> EventLoader {
    let measured = data.standardize ? Scaling.measured : .given(.identity(features: data.features.count))
    let split = Split(train: split.train, validation: split.validation, test: split.test)
    let (use, scaling, weights, meanWeight): (Split, Scaling, ClassWeights, Double?) =
      switch purpose {
      case .training: (split, measured, training.classWeights, nil)
      case .sameSplit(let model):
        (split, .given(model.standardization), model.weightsByProcess, model.meanWeight)
      case .test(let model):
        (
          Split(train: 0, validation: 0, test: 1), .given(model.standardization), model.weightsByProcess,
          meanWeight(of: model)
        )
      }
    return EventLoader(
      processes: data.processes, directory: data.directory,
      request: EventRequest(layout: data.layout, features: data.features), split: use, seed: training.seed,
      scaling: scaling, classWeights: weights, meanWeight: meanWeight)
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
  fileprivate var weightsByProcess: ClassWeights { .perProcess(classWeights.map { Double($0) }) }
}
