import NeuralNetwork

// The value of `training.schedule`: a name, or a section of one key.

extension RunFileValue {
  /// How the learning rate moves.
  func schedule() -> LearningRateSchedule? {
    variant(
      ["constant": .constant],
      [
        "step": { $0.section(LearningRateSchedule.step) }, "cosine": { $0.section(LearningRateSchedule.cosine) },
        "exponential": { $0.section(LearningRateSchedule.exponential) },
        "plateau": { $0.section { .plateau(Plateau($0)) } },
      ],
      expected: "constant, {step: {factor: 0.5, every: 10}}, {cosine: {final: 0.01}}, {exponential: {rate: 0.95}} or "
        + "{plateau: {factor: 0.1, patience: 10}}")
  }
}

extension LearningRateSchedule {
  fileprivate static func step(_ section: RunFileSection) -> Self {
    .step(
      factor: section["factor"]?.number(.above(0)) ?? section.missing("factor", example: "0.5", 1),
      every: section["every"]?.count() ?? section.missing("every", example: "10", 1))
  }

  fileprivate static func cosine(_ section: RunFileSection) -> Self {
    .cosine(final: section["final"]?.number(.closed(0, 1)) ?? section.missing("final", example: "0.01", 1))
  }

  fileprivate static func exponential(_ section: RunFileSection) -> Self {
    .exponential(rate: section["rate"]?.number(.above(0)) ?? section.missing("rate", example: "0.95", 1))
  }
}

extension Plateau {
  /// Defaults, those of Keras: factor 0.1, patience 10, min_delta 10⁻⁴, cooldown 0, min_learning_rate 0.
  fileprivate init(_ section: RunFileSection) {
    self.init(
      factor: section["factor"]?.number(.halfOpen(0, 1)) ?? 0.1, patience: section["patience"]?.count() ?? 10,
      minDelta: section["min_delta"]?.number(.atLeast(0)) ?? 1e-4,
      cooldown: section["cooldown"]?.integer(0...1_000_000_000) ?? 0,
      minLearningRate: section["min_learning_rate"]?.number(.atLeast(0)) ?? 0)
  }
}

extension LearningRateSchedule {
  var yaml: String {
    switch self {
    case .constant: "constant"
    case .step(let factor, let every): "{step: {factor: \(factor.yaml), every: \(every)}}"
    case .cosine(let final): "{cosine: {final: \(final.yaml)}}"
    case .exponential(let rate): "{exponential: {rate: \(rate.yaml)}}"
    case .plateau(let plateau):
      "{plateau: {factor: \(plateau.factor.yaml), patience: \(plateau.patience), min_delta: \(plateau.minDelta.yaml), "
        + "cooldown: \(plateau.cooldown), min_learning_rate: \(plateau.minLearningRate.yaml)}}"
    }
  }
}
