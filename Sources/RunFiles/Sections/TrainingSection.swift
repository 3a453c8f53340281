package import Events
package import NeuralNetwork
import Results

extension RunFile {
  /// The section `training`: what is minimised and how.
  package struct TrainingSection: Equatable, Sendable, Codable {
    /// The outputs and their loss. Default: categorical cross-entropy.
    package var loss: Objective.Head
    /// The part of every event's target that all classes share evenly, 0 or more and below 1. Default: 0.
    package var labelSmoothing: Double
    /// The exponent of a focal loss, 0 to 100. Default: 0, none.
    package var focalGamma: Double
    /// How the weights of events count. Default: as they are, negative ones by their magnitude.
    package var eventWeights: EventWeightsSection
    /// The optimiser.
    package var optimizer: OptimizerOptions
    /// The factor of the penalty l2 · Σ w² over all weights, which biases are not, 0 or more. Default: 0.
    package var l2: Double
    /// How the learning rate changes. Default: by a cosine, to 1 %.
    package var schedule: LearningRateSchedule
    /// Epochs, not necessarily whole, in which the learning rate rises linearly from 0. Default: 0.
    package var warmupEpochs: Double
    /// Events per step over all ranks, 1 to 10⁹. Default: 128.
    package var batchSize: Int
    /// Passes over the training events, 0 to 10⁹. Default: 40.
    package var epochs: Int
    /// What is evaluated after each epoch, and what follows from it.
    package var monitoring: MonitoringSection
    /// Whether events are shown in a new random order every epoch, or process after process in the order of the
    /// files. Default: true.
    package var shuffle: Bool
    /// The weights of the classes; numbers are 10⁻⁶ to 10⁶. Default: balanced.
    package var classWeights: ClassWeights
    /// Decides the initial weights and the order of the events. Default: 42.
    package var seed: UInt64
    /// Events per block, 1 to 10⁹, or nil where the program decides. Default: nil.
    package var block: Int?
    /// How gradients are summed. Default: exact.
    package var reduction: Reduction
  }
}

extension RunFile.TrainingSection {
  /// A setting that needs validation events; nil if there is none.
  package var needOfValidation: String? {
    if monitoring.earlyStopping != nil { return "early_stopping" }
    if monitoring.monitor != .loss { return "monitor: \(monitoring.monitor.name)" }
    return schedule.plateau.map { _ in "the schedule plateau" }
  }

  init(_ section: RunFileSection, classes: Int) {
    loss = section["loss"]?.choice() ?? .categoricalCrossentropy
    if loss == .binaryCrossentropy, classes != 2 {
      section.report(
        "loss", "is binary_crossentropy, which tells two classes apart, not \(classes); give categorical_crossentropy")
    }
    labelSmoothing = section["label_smoothing"]?.number(.halfOpen(0, 1)) ?? 0
    focalGamma = section["focal_gamma"]?.number(.closed(0, 100)) ?? 0
    eventWeights = section.section("event_weights", RunFile.EventWeightsSection.init(_:))
    optimizer = section.section("optimizer", OptimizerOptions.init(_:))
    l2 = section["l2"]?.number(.atLeast(0)) ?? 0
    schedule = section["schedule"]?.schedule() ?? .cosine(final: 0.01)
    warmupEpochs = section["warmup_epochs"]?.number(.atLeast(0)) ?? 0
    batchSize = section["batch_size"]?.count() ?? 128
    epochs = section["epochs"]?.integer(0...1_000_000_000) ?? 40
    monitoring = RunFile.MonitoringSection(section)
    shuffle = section["shuffle"]?.boolean() ?? true
    classWeights = section["class_weights"]?.classWeights(classes) ?? .balanced
    seed = section["seed"]?.integer(0...UInt64.max) ?? 42
    block = section["block"].flatMap { $0.isNull ? nil : $0.count() }
    reduction = section["reduction"]?.choice() ?? .exact
  }
}

extension RunFileValue {
  fileprivate func classWeights(_ classes: Int) -> ClassWeights? {
    guard isList else {
      return variant(["none": .none, "balanced": .balanced], [:], expected: "none, balanced or one number per class")
    }
    // Only their ratios matter; sums of weighted losses are exact to 2⁻⁶⁴.
    guard let weights = list({ $0.number(.closed(1e-6, 1e6)) }) else { return nil }
    return weights.count == classes
      ? .perClass(weights) : wrong(count: weights.count, "one number per class (\(classes))")
  }
}

extension RunFile.TrainingSection {
  var yaml: String {
    """
    training:
      loss: \(loss.rawValue)
      label_smoothing: \(labelSmoothing.yaml)
      focal_gamma: \(focalGamma.yaml)
      event_weights: \(eventWeights.yaml)
    \(optimizer.yaml)
      l2: \(l2.yaml)
      schedule: \(schedule.yaml)
      warmup_epochs: \(warmupEpochs.yaml)
      batch_size: \(batchSize)
      epochs: \(epochs)
    \(monitoring.yaml)
      shuffle: \(shuffle)
      class_weights: \(classWeights.yaml)
      seed: \(seed)
      block: \(block.map(String.init) ?? "null")
      reduction: \(reduction.rawValue)
    """
  }
}

extension ClassWeights {
  fileprivate var yaml: String {
    switch self {
    case .none: "none"
    case .balanced: "balanced"
    case .perClass(let weights): "[\(weights.map(\.yaml).joined(separator: ", "))]"
    }
  }
}
