import Events
import NeuralNetwork

extension RunFile {
  /// The run file with every key and its value, overrides included. Parsing it gives an equal `RunFile`, wherever it
  /// is saved.
  public func yaml() -> String {
    """
    # What dist-train ran: the run file with all defaults and command-line overrides filled in.
    # Run it again with: dist-train <this file>. data/hh-bbww.yaml in the source tree explains every key.
    name: \(name.yaml)
    data:
      directory: \(data.directory.yaml)
      processes:
    \(data.processes.map { "    - {name: \($0.name.yaml), files: \($0.files.yaml)}" }.joined(separator: "\n"))
      features: \(data.features.yaml)
      standardize: \(data.standardize)
      layout: \(data.layout.rawValue)
    split: {train: \(split.train.yaml), validation: \(split.validation.yaml), test: \(split.test.yaml)}
    network:
      hidden: \(network.hidden)
      activation: [\(network.activations.map(\.rawValue).joined(separator: ", "))]
      initializer: \(network.initializer.yaml)
    training:
      loss: \(training.loss.rawValue)
      optimizer:
        name: \(training.optimizer.name.rawValue)
        learning_rate: \(training.optimizer.learningRate.yaml)
        momentum: \(training.optimizer.momentum.yaml)
        nesterov: \(training.optimizer.nesterov)
        weight_decay: \(training.optimizer.weightDecay.yaml)
      schedule: \(training.schedule.yaml)
      warmup_epochs: \(training.warmupEpochs.yaml)
      batch_size: \(training.batchSize)
      epochs: \(training.epochs)
      early_stopping: \(training.patience.map { "{patience: \($0)}" } ?? "null")
      shuffle: \(training.shuffle)
      class_weights: \(training.classWeights.yaml)
      seed: \(training.seed)
      block: \(training.block.map(String.init) ?? "null")
      reduction: \(training.reduction.rawValue)
    output:
      directory: \(output.directory.yaml)
      checkpoint_every: \(output.checkpointEvery)
      keep: \(output.keep)
    safety:
      watchdog: \(safety.watchdog)
      watchdog_files: \(safety.watchdogFiles)
      replica_check: \(safety.replicaCheck.map(String.init) ?? "null")

    """
  }
}

extension Initializer {
  fileprivate var yaml: String {
    switch self {
    case .heUniform: "he_uniform"
    case .heNormal: "he_normal"
    case .glorotUniform: "glorot_uniform"
    case .zeros: "zeros"
    case .randomUniform(let low, let high): "{random_uniform: [\(low.yaml), \(high.yaml)]}"
    }
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

extension RunFile.ClassWeights {
  fileprivate var yaml: String {
    switch self {
    case .none: "none"
    case .balanced: "balanced"
    case .perProcess(let weights): "[\(weights.map(\.yaml).joined(separator: ", "))]"
    }
  }
}

extension BinaryFloatingPoint where Self: LosslessStringConvertible {
  /// The shortest decimal number that reads back as this one, as YAML 1.1 and 1.2 agree that it is a number: with a
  /// point even before an exponent.
  fileprivate var yaml: String {
    let text = description
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
    return "\(text[..<exponent]).0\(text[exponent...])"
  }
}

extension [String] {
  fileprivate var yaml: String { "[\(map(\.yaml).joined(separator: ", "))]" }
}

extension String {
  /// The text as a YAML scalar: plain where every YAML reader takes it for the same text, else in double quotes.
  fileprivate var yaml: String {
    let words: Set = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
    let isPlain =
      unicodeScalars.first.map { $0.isLetter || $0 == "_" || $0 == "/" } ?? false
      && unicodeScalars.allSatisfy { $0.isLetter || "_-./0123456789".unicodeScalars.contains($0) }
    if isPlain, !words.contains(lowercased()) { return self }
    let escaped = unicodeScalars.map { scalar in
      switch scalar {
      case "\\", "\"": "\\\(scalar)"
      case _ where scalar.isInvisible || !scalar.isYAMLPrintable:
        // Eight hexadecimal digits: the ninth, a leading one, keeps the zeros and goes.
        "\\U\(String(UInt64(scalar.value) | 1 << 32, radix: 16).dropFirst())"
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}

extension Unicode.Scalar {
  fileprivate var isLetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
