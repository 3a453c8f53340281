import Machine
import RunFiles
import Runs

/// The override of the run file that an unknown option stands for: `--epochs 5` means `--training.epochs=5`.
struct KeySuggestion {
  /// Several if keys of several sections have the name.
  private let overrides: [String]
  /// Whether a key has this very name, or one that people use for it.
  let isExact: Bool

  /// For a message: "--training.epochs=5".
  var text: String { overrides.joined(separator: " or ") }

  /// What other programs, or people in a hurry, call a key.
  private static let synonyms = [
    "lr": "training.optimizer.learning_rate", "rate": "training.optimizer.learning_rate",
    "eta": "training.optimizer.learning_rate", "wd": "training.optimizer.weight_decay",
    "decay": "training.optimizer.weight_decay", "l2_regularization": "training.l2", "kernel_regularizer": "training.l2",
    "optimizer": "training.optimizer", "optimiser": "training.optimizer", "opt": "training.optimizer",
    "beta_1": "training.optimizer.beta_1", "beta1": "training.optimizer.beta_1",
    "beta_2": "training.optimizer.beta_2", "beta2": "training.optimizer.beta_2",
    "epsilon": "training.optimizer.epsilon", "eps": "training.optimizer.epsilon",
    "clipnorm": "training.optimizer.global_clipnorm", "clip": "training.optimizer.global_clipnorm",
    "clip_norm": "training.optimizer.global_clipnorm", "max_grad_norm": "training.optimizer.global_clipnorm",
    "gradient_clipping": "training.optimizer.global_clipnorm", "use_ema": "training.optimizer.ema",
    "ema_momentum": "training.optimizer.ema", "ema_decay": "training.optimizer.ema", "swa": "training.optimizer.ema",
    "scheduler": "training.schedule", "lr_scheduler": "training.schedule", "lr_schedule": "training.schedule",
    "batch": "training.batch_size", "bs": "training.batch_size", "epoch": "training.epochs",
    "num_epochs": "training.epochs", "n_epochs": "training.epochs", "max_epochs": "training.epochs",
    "patience": "training.early_stopping", "warmup": "training.warmup_epochs", "weights": "training.class_weights",
    "smoothing": "training.label_smoothing", "gamma": "training.focal_gamma", "metric": "training.monitor",
    "seed": "training.seed", "random_seed": "training.seed", "random_state": "training.seed",
    "split_seed": "split.seed", "sample_weight": "data.weight", "lumi": "data.luminosity", "labels": "data.label",
    "layers": "network.hidden", "hidden_layers": "network.hidden", "hidden_units": "network.hidden",
    "units": "network.hidden", "init": "network.initializer",
    "data": "data.directory", "data_dir": "data.directory", "input": "data.directory", "input_dir": "data.directory",
    "inputs": "data.features", "output": "output.directory", "output_dir": "output.directory",
    "out": "output.directory", "outdir": "output.directory", "run_name": "name",
    "val": "split.validation", "val_split": "split.validation", "validation_split": "split.validation",
    "test_size": "split.test",
  ]
  private static let switches = ["shuffle", "nesterov", "standardize"]

  /// What `name`, without its dashes, means; `value` is what follows it. nil if no key is similar.
  init?(_ name: String, value: String?) {
    var word = name.lowercased().replacing("-", with: "_")
    var value = value
    if word.hasPrefix("no_"), Self.switches.contains(String(word.dropFirst(3))) {
      (word, value) = (String(word.dropFirst(3)), "false")
    }
    let exact = Self.keys(named: word)
    let keys = exact.isEmpty ? Self.keys(near: word) : exact
    guard !keys.isEmpty else { return nil }
    isExact = !exact.isEmpty
    overrides = keys.map { "--\($0)=\(Self.text(value, for: $0))".quotedForShell }
  }

  private static func keys(named word: String) -> [String] {
    if let key = synonyms[word] { return [key] }
    if RunFile.keys.contains(word) { return [word] }
    return RunFile.keys.filter { lastPart(of: $0).squeezed == word.squeezed }
  }

  private static func keys(near word: String) -> [String] {
    let names = word.contains(".") ? RunFile.keys : RunFile.keys.map(lastPart) + synonyms.keys.sorted()
    return nearest(to: word, in: names).map(keys(named:)) ?? []
  }

  private static func lastPart(of key: String) -> String { key.split(separator: ".").last.map(String.init) ?? key }

  /// `value` in the form that `key` accepts.
  private static func text(_ value: String?, for key: String) -> String {
    if switches.contains(where: key.hasSuffix) { return value == "false" ? "false" : "true" }
    guard let value else { return "VALUE" }
    return switch key {
    case "network.hidden" where !value.hasPrefix("["):
      "[\(value.split { ", -x".contains($0) }.joined(separator: ","))]"
    case "training.early_stopping" where !value.hasPrefix("{"): "{patience: \(value)}"
    default: value
    }
  }
}

extension String {
  fileprivate var squeezed: String { replacing("_", with: "") }
}
