import NeuralNetwork

// The section `training.optimizer`: an optimiser by its Keras name, that optimiser's own keys, and those that all share.

extension OptimizerOptions {
  /// The names that `name` may have.
  private enum Name: String, CaseIterable { case sgd, adam, adamw }

  /// Defaults: sgd; no clipping, no running mean, biases decay. Every optimiser has its own learning rate and decay.
  init(_ section: RunFileSection) {
    let formulas: Formulas
    switch section["name"]?.choice() ?? Name.sgd {
    case .sgd: formulas = .sgd(.init(section))
    case .adam: formulas = .adam(.init(section, name: "adam", weightDecay: 0))
    case .adamw: formulas = .adamw(.init(section, name: "adamw", weightDecay: 0.004))
    }
    self.init(
      formulas, globalClipNorm: section["global_clipnorm"].flatMap { $0.isNull ? nil : $0.number(.above(0)) },
      ema: section["ema"].flatMap { $0.isNull ? nil : $0.number(.halfOpen(0, 1)) },
      decaysBiases: section["decay_biases"]?.boolean() ?? true)
    if !decaysBiases, weightDecay == 0 {
      section.report("decay_biases", "does nothing at weight_decay 0; give weight_decay or true")
    }
  }

  /// The section as part of `training`.
  var yaml: String {
    let keys =
      switch formulas {
      case .sgd(let sgd): sgd.yaml
      case .adam(let adam), .adamw(let adam): adam.yaml
      }
    return """
        optimizer:
          name: \(name)
      \(keys)
          global_clipnorm: \(globalClipNorm?.yaml ?? "null")
          ema: \(ema?.yaml ?? "null")
          decay_biases: \(decaysBiases)
      """
  }
}

extension SGD {
  /// The keys that no other optimiser has.
  fileprivate static let ownKeys = ["momentum", "nesterov"]

  /// Defaults: learning rate 0.05, momentum 0.9, no Nesterov, weight decay 0.003. The learning rate is above 0, the decay 0 or more,
  /// the momentum is below 1.
  fileprivate init(_ section: RunFileSection) {
    self.init(
      learningRate: section["learning_rate"]?.number(.above(0)) ?? 0.05,
      momentum: section["momentum"]?.number(.halfOpen(0, 1)) ?? 0.9,
      nesterov: section["nesterov"]?.boolean() ?? false,
      weightDecay: section["weight_decay"]?.number(.atLeast(0)) ?? 0.003)
    if nesterov, momentum == 0 { section.report("nesterov", "does nothing at momentum 0; give momentum or false") }
    for key in Adam.ownKeys {
      section.refuse(key, "is a key of adam and adamw, not of sgd; leave it out, or set training.optimizer to adam")
    }
  }

  fileprivate var yaml: String {
    """
        learning_rate: \(learningRate.yaml)
        momentum: \(momentum.yaml)
        nesterov: \(nesterov)
        weight_decay: \(weightDecay.yaml)
    """
  }
}

extension Adam {
  /// The keys that no other optimiser has.
  fileprivate static let ownKeys = ["beta_1", "beta_2", "epsilon"]

  /// Defaults, those of Keras: learning rate 0.001, β₁ 0.9, β₂ 0.999, ε 10⁻⁷. The learning rate is above 0, ε at least 10⁻¹²
  /// (see `AdamMove`), the decay 0 or more, β₁ and β₂ are below 1.
  fileprivate init(_ section: RunFileSection, name: String, weightDecay: Double) {
    self.init(
      learningRate: section["learning_rate"]?.number(.above(0)) ?? 0.001,
      beta1: section["beta_1"]?.number(.halfOpen(0, 1)) ?? 0.9,
      beta2: section["beta_2"]?.number(.halfOpen(0, 1)) ?? 0.999,
      epsilon: section["epsilon"]?.number(.atLeast(1e-12)) ?? 1e-7,
      weightDecay: section["weight_decay"]?.number(.atLeast(0)) ?? weightDecay)
    for key in SGD.ownKeys {
      section.refuse(
        key,
        "is a key of sgd, not of \(name); leave it out, or write --training.optimizer=\(name), which replaces all keys of the "
          + "optimiser by the defaults of \(name)")
    }
  }

  fileprivate var yaml: String {
    """
        learning_rate: \(learningRate.yaml)
        beta_1: \(beta1.yaml)
        beta_2: \(beta2.yaml)
        epsilon: \(epsilon.yaml)
        weight_decay: \(weightDecay.yaml)
    """
  }
}
