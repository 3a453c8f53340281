import NeuralNetwork
import RunFiles
import Testing

@Suite struct OptimizerSectionTests {
  private func run(_ overrides: (key: String, value: String)..., yaml: String = shortest) throws -> RunFile {
    try RunFile(yaml: yaml, named: "a.yaml", overrides: overrides)
  }

  private func message(_ overrides: (key: String, value: String)..., yaml: String = shortest) -> String? {
    do throws(RunFileError) {
      _ = try RunFile(yaml: yaml, named: "a.yaml", overrides: overrides)
      return nil
    } catch { return error.message }
  }

  @Test func everyOptimiserHasItsOwnDefaults() throws {
    #expect(
      try run().training.optimizer
        == .sgd(SGD(learningRate: 0.05, momentum: 0.9, nesterov: false, weightDecay: 0.003)))
    let adam = Adam(learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0)
    #expect(try run(("training.optimizer", "adam")).training.optimizer == .adam(adam))
    var adamw = adam
    adamw.weightDecay = 0.004
    #expect(try run(("training.optimizer", "adamw")).training.optimizer == .adamw(adamw))
    #expect(try run(("training.optimizer.name", "adamw")).training.optimizer == .adamw(adamw))
  }

  /// The fullest run file has all keys of sgd: a name in the place of the section takes their place, and keeps its own when one
  /// of its keys follows, or comes before in the file.
  @Test func aNameStandsForItsSection() throws {
    #expect(try run(("training.optimizer", "adam"), yaml: fullest).training.optimizer == .adam(Adam()))
    let changed = try run(
      ("training.optimizer", "adam"), ("training.optimizer.learning_rate", "0.25"), yaml: fullest)
    #expect(changed.training.optimizer == .adam(Adam(learningRate: 0.25)))
    let written = try run(
      ("training.optimizer.ema", "0.5"), yaml: shortest + "\ntraining:\n  optimizer: adamw\n")
    #expect(written.training.optimizer == OptimizerOptions(.adamw(Adam(weightDecay: 0.004)), ema: 0.5))
    #expect(try run(("training.optimizer", "null")).training.optimizer.name == "sgd")
  }

  @Test(arguments: [
    (
      "training.optimizer", "adan",
      "training.optimizer.name is 'adan'; give sgd or adam or adamw (did you mean 'adam'?)"
    ),
    ("training.optimizer", "[adam]", "training.optimizer is a list; give a section of keys and values"),
    (
      "training.optimizer.name", "adam",
      "training.optimizer.momentum is a key of sgd, not of adam; leave it out, or write --training.optimizer=adam, which "
        + "replaces all keys of the optimiser by the defaults of adam"
    ),
    (
      "training.optimizer.beta_1", "0.5",
      "training.optimizer.beta_1 is a key of adam and adamw, not of sgd; leave it out, or set training.optimizer to adam"
    ),
    (
      "training.optimizer", "{name: adam, beta_2: 1}",
      "training.optimizer.beta_2 is '1'; give a number of at least 0 and below 1"
    ),
    (
      "training.optimizer", "{name: adam, epsilon: 0}",
      "training.optimizer.epsilon is '0'; give a number of at least 1e-12"
    ),
    ("training.optimizer", "{global_clipnorm: 0}", "training.optimizer.global_clipnorm is '0'; give a number above 0"),
    ("training.optimizer", "{ema: 1}", "training.optimizer.ema is '1'; give a number of at least 0 and below 1"),
    (
      "training.optimizer", "{name: adam, decay_biases: false}",
      "training.optimizer.decay_biases does nothing at weight_decay 0; give weight_decay or true"
    ),
    ("training.l2", "-1", "training.l2 is '-1'; give a number of at least 0"),
    (
      "training.schedule", "{plateau: {factor: 1}}",
      "training.schedule.plateau.factor is '1'; give a number of at least 0 and below 1"
    ),
    (
      "training.schedule", "{plateau: {patience: 0}}",
      "training.schedule.plateau.patience is '0'; give a whole number from 1 to 1000000000"
    ),
    (
      "training.schedule", "{plateau: {min_lr: 0}}",
      "unknown key 'min_lr' in training.schedule.plateau; known here: factor, patience, min_delta, cooldown, min_learning_rate"
    ),
    ("training.schedule", "{exponential: {}}", "training.schedule.exponential.rate is missing; add 'rate: 0.95'"),
    (
      "training.schedule", "exponental",
      "training.schedule is 'exponental'; give constant, {step: {factor: 0.5, every: 10}}, {cosine: {final: 0.01}}, "
        + "{exponential: {rate: 0.95}} or {plateau: {factor: 0.1, patience: 10}} (did you mean 'exponential'?)"
    ),
  ])
  func whatIsWrongIsNamed(key: String, value: String, expected: String) {
    #expect(message((key, value), yaml: fullest) == expected)
  }

  @Test func aPlateauNeedsValidationEvents() {
    let empty = [("split", "{train: 1, validation: 0, test: 0}"), ("training.schedule", "{plateau: {}}")]
    #expect(
      message((empty[0].0, empty[0].1), (empty[1].0, empty[1].1))
        == "training has the schedule plateau, which needs validation events; raise split.validation")
    #expect(message((empty[1].0, empty[1].1)) == nil)
  }

  @Test func schedulesHaveKerasDefaults() throws {
    #expect(
      try run(("training.schedule", "{plateau: {}}")).training.schedule
        == .plateau(Plateau(factor: 0.1, patience: 10, minDelta: 1e-4, cooldown: 0, minLearningRate: 0)))
    #expect(
      try run(("training.schedule", "{plateau: {min_learning_rate: 1e-5, cooldown: 3}}")).training.schedule
        == .plateau(Plateau(cooldown: 3, minLearningRate: 1e-5)))
    #expect(
      try run(("training.schedule", "{exponential: {rate: 0.9}}")).training.schedule == .exponential(rate: 0.9))
  }
}
