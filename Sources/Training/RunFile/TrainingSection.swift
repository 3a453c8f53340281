public import NeuralNetwork

extension RunFile {
  /// The section `training`: what is minimised and how.
  public struct TrainingSection: Equatable, Sendable {
    /// The loss. Default and only one so far: categorical cross-entropy.
    public var loss: Loss
    /// The optimiser.
    public var optimizer: Optimizer
    /// How the learning rate moves. Default: it does not.
    public var schedule: LearningRateSchedule
    /// Epochs, whole or not, in which the learning rate rises linearly from 0. Default: 0.
    public var warmupEpochs: Double
    /// Events per step over all ranks, 1 to 10⁹. Default: 256.
    public var batchSize: Int
    /// Passes over the training events, 0 to 10⁹. Default: 20.
    public var epochs: Int
    /// Epochs without a smaller validation loss after which the training ends, 1 to 10⁹; nil: it never ends early.
    /// Default: nil.
    public var patience: Int?
    /// Whether events are shown in a new random order every epoch, or process after process in the order of the
    /// files. Default: true.
    public var shuffle: Bool
    /// How much the processes count. Default: balanced.
    public var classWeights: ClassWeights
    /// Decides all random numbers of the run. Default: 42.
    public var seed: UInt64
    /// Events per block, 1 to 10⁹, or nil where the program decides. Default: nil.
    public var block: Int?
    /// How gradients are summed. Default: exact.
    public var reduction: Reduction
  }

  /// A loss, by its Keras name.
  public enum Loss: String, CaseIterable, Sendable {
    /// −Σ target · ln(output).
    case categoricalCrossentropy = "categorical_crossentropy"
  }

  /// How much the events of each process count in the loss.
  public enum ClassWeights: Equatable, Sendable {
    /// Every event counts 1.
    case none
    /// Every process counts the same in total.
    case balanced
    /// The events of each process count so much: one number per process, 10⁻⁶ to 10⁶, in their order.
    case perProcess([Double])
  }
}

extension RunFile.TrainingSection {
  init(_ section: RunFileSection, processes: Int) {
    loss = section["loss"]?.choice() ?? .categoricalCrossentropy
    optimizer = section.section("optimizer", RunFile.Optimizer.init)
    schedule =
      section["schedule"]?.variant(
        ["constant": .constant],
        ["step": { $0.section(LearningRateSchedule.step) }, "cosine": { $0.section(LearningRateSchedule.cosine) }],
        expected: "constant, {step: {factor: 0.5, every: 10}} or {cosine: {final: 0.01}}") ?? .constant
    warmupEpochs = section["warmup_epochs"]?.number(.atLeast(0)) ?? 0
    batchSize = section["batch_size"]?.count() ?? 256
    epochs = section["epochs"]?.integer(0...1_000_000_000) ?? 20
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
  fileprivate func classWeights(_ processes: Int) -> RunFile.ClassWeights? {
    guard isList else {
      return variant(["none": .none, "balanced": .balanced], [:], expected: "none, balanced or one number per process")
    }
    // Only their ratios matter; sums of weights are exact to 2⁻⁶⁴.
    guard let weights = list({ $0.number(.closed(1e-6, 1e6)) }) else { return nil }
    return weights.count == processes
      ? .perProcess(weights) : wrong(count: weights.count, "one number per process (\(processes))")
  }
}
