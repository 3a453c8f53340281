package import Events
package import NeuralNetwork

extension RunFile {
  /// The section `training`: what is minimised and how.
  package struct TrainingSection: Equatable, Sendable, Codable {
    /// The loss. Default and only one so far: categorical cross-entropy.
    package var loss: Objective
    /// The optimiser.
    package var optimizer: OptimizerOptions
    /// How the learning rate changes. Default: by a cosine, to 1 %.
    package var schedule: LearningRateSchedule
    /// Epochs, whole or not, in which the learning rate rises linearly from 0. Default: 0.
    package var warmupEpochs: Double
    /// Events per step over all ranks, 1 to 10⁹. Default: 128.
    package var batchSize: Int
    /// Passes over the training events, 0 to 10⁹. Default: 40.
    package var epochs: Int
    /// Epochs without a smaller validation loss after which the training ends, 1 to 10⁹; nil: it never ends early.
    /// Default: nil.
    package var patience: Int?
    /// Whether events are shown in a new random order every epoch, or process after process in the order of the
    /// files. Default: true.
    package var shuffle: Bool
    /// How much the processes count; numbers are 10⁻⁶ to 10⁶. Default: balanced.
    package var classWeights: ClassWeights
    /// Decides all random numbers of the run. Default: 42.
    package var seed: UInt64
    /// Events per block, 1 to 10⁹, or nil where the program decides. Default: nil.
    package var block: Int?
    /// How gradients are summed. Default: exact.
    package var reduction: Reduction
  }
}

extension RunFile.TrainingSection {
  init(_ section: RunFileSection, processes: Int) {
    loss = section["loss"]?.choice() ?? .categoricalCrossentropy
    optimizer = section.section("optimizer", OptimizerOptions.init(_:))
    schedule =
      section["schedule"]?.variant(
        ["constant": .constant],
        ["step": { $0.section(LearningRateSchedule.step) }, "cosine": { $0.section(LearningRateSchedule.cosine) }],
        expected: "constant, {step: {factor: 0.5, every: 10}} or {cosine: {final: 0.01}}") ?? .cosine(final: 0.01)
    warmupEpochs = section["warmup_epochs"]?.number(.atLeast(0)) ?? 0
    batchSize = section["batch_size"]?.count() ?? 128
    epochs = section["epochs"]?.integer(0...1_000_000_000) ?? 40
    patience = section["early_stopping"].flatMap { value in
      value.isNull ? nil : value.section { $0["patience"]?.count() ?? $0.missing("patience", example: "10", 1) }
    }
    shuffle = section["shuffle"]?.boolean() ?? true
    classWeights = section["class_weights"]?.classWeights(processes) ?? .balanced
    seed = section["seed"]?.integer(0...UInt64.max) ?? 42
    block = section["block"].flatMap { $0.isNull ? nil : $0.count() }
    reduction = section["reduction"]?.choice() ?? .exact
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
}

extension RunFileValue {
  fileprivate func classWeights(_ processes: Int) -> ClassWeights? {
    guard isList else {
      return variant(["none": .none, "balanced": .balanced], [:], expected: "none, balanced or one number per process")
    }
    // Only their ratios matter; sums of weighted losses are exact to 2⁻⁶⁴.
    guard let weights = list({ $0.number(.closed(1e-6, 1e6)) }) else { return nil }
    return weights.count == processes
      ? .perProcess(weights) : wrong(count: weights.count, "one number per process (\(processes))")
  }
}

extension RunFile.TrainingSection {
  var yaml: String {
    """
    training:
      loss: \(loss.rawValue)
    \(optimizer.yaml)
      schedule: \(schedule.yaml)
      warmup_epochs: \(warmupEpochs.yaml)
      batch_size: \(batchSize)
      epochs: \(epochs)
      early_stopping: \(patience.map { "{patience: \($0)}" } ?? "null")
      shuffle: \(shuffle)
      class_weights: \(classWeights.yaml)
      seed: \(seed)
      block: \(block.map(String.init) ?? "null")
      reduction: \(reduction.rawValue)
    """
  }
}

extension LearningRateSchedule {
  fileprivate var yaml: String {
    switch self {
    case .constant: "constant"
    case .step(let factor, let every): "{step: {factor: \(factor.yaml), every: \(every)}}"
    case .cosine(let final): "{cosine: {final: \(final.yaml)}}"
    }
  }
}

extension ClassWeights {
  fileprivate var yaml: String {
    switch self {
    case .none: "none"
    case .balanced: "balanced"
    case .perProcess(let weights): "[\(weights.map(\.yaml).joined(separator: ", "))]"
    }
  }
}
