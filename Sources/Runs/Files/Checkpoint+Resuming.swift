import Events
import Machine
import NeuralNetwork
package import Training

extension Checkpoint {
  /// The layers of the model for use: the running mean of the parameters if there is one, else the parameters.
  package var layersForUse: [Model.Layer] {
    optimizer.first { $0.name == OptimizerOptions.averageName }?.layers ?? model.layers
  }

  /// The same for inference only, without what is needed to continue the training.
  package var forUse: Checkpoint {
    var checkpoint = self
    checkpoint.model.layers = layersForUse
    checkpoint.optimizer = []
    checkpoint.plateau = nil
    checkpoint.position = TrainingPosition(epoch: position.epoch)
    return checkpoint
  }

  /// The state of the trainer, whose parameters have this layout, when the checkpoint was written.
  func trainerState(_ layout: ParameterLayout) -> TrainerState {
    TrainerState(
      parameters: Model.Layer.values(model.layers, layout),
      optimizer: optimizer.map { .init(name: $0.name, values: Model.Layer.values($0.layers, layout)) },
      gridExponents: gridExponents, plateau: plateau)
  }

  /// Everything that a checkpoint must share with a training to continue it with the same bits.
  func requireSameState(_ trainer: borrowing Trainer, eventsDigest: String) throws(Failure) {
    func quoted(_ names: [String]) -> String { names.joined(separator: ", ").onOneLine.quoted }
    func differs(_ what: String) -> Failure {
      Failure(.badData, "the checkpoint was written with \(what); resume with the same data files and run file")
    }
    guard self.eventsDigest == eventsDigest else { throw differs("other events") }
    guard model.classNames == trainer.events.classNames else {
      throw differs("classes \(quoted(model.classNames))")
    }
    guard model.featureNames == trainer.events.featureNames else {
      throw differs("features \(quoted(model.featureNames))")
    }
    guard model.preprocessing == trainer.events.header.preprocessing else {
      throw differs("other derived features or fill values")
    }
    guard block == trainer.plan.block else { throw differs("blocks of \(block) events") }
    guard let meanWeight = model.meanWeight else {
      throw Failure(
        .badData,
        "the checkpoint is of an older version, which divided every step by the class weights of its own batch: this one "
          + "divides by their mean over all training events, and cannot continue the same training; start it again with "
          + "--force, or continue with the older version")
    }
    guard model.classWeights == trainer.events.classWeights else { throw differs("other class weights") }
    guard meanWeight == trainer.events.meanWeight else { throw differs("a mean class weight of \(meanWeight)") }
    guard model.eventWeights == FormerWeights(trainer.events.header) else { throw differs("other weights of events") }
    guard model.isOf(trainer.options.network) else { throw differs("another network") }
    guard optimizer.map(\.name) == trainer.optimizerStateNames else { throw differs("another optimiser") }
    guard (plateau == nil) == (trainer.options.schedule.plateau == nil) else { throw differs("another schedule") }
    let steps = trainer.plan.stepsPerEpoch
    guard position.step <= steps, step == position.steps(perEpoch: steps) else {
      throw differs("another number of steps in an epoch")
    }
  }
}
