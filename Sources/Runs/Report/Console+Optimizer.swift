import Machine
import NeuralNetwork
import Results
import Training

/// What a run prints about its optimiser.
extension Console {
  /// The optimiser with all of its settings: each has defaults of its own.
  func printOptimizer(_ options: Trainer.Options) {
    print("Optimiser: \(options.optimizer.description), \(options.optimizer.memoryLine)")
    if options.l2 > 0 {
      print(
        "L2 penalty: \(options.l2) × Σ w² over the weights is minimised too; the losses that are printed are without it"
      )
    }
    if options.optimizer.ema != nil {
      print("The model that is evaluated and kept is the running mean of the parameters")
    }
  }

  /// Prints that the learning rate is reduced, and why.
  func printFall(of rate: Double, after epoch: Int, _ schedule: LearningRateSchedule, _ metric: Metric) {
    guard let plateau = schedule.plateau else { return }
    let better = metric.prefersSmaller ? "smaller" : "larger"
    let margin = plateau.minDelta > 0 ? " by \(plateau.minDelta)" : ""
    print(
      "After epoch \(epoch) the learning rate falls to \(rate): no validation \(metric.name) that is \(better)\(margin) for "
        + counted(plateau.patience, "epoch"))
  }
}

extension OptimizerOptions {
  /// Name and settings by their keys.
  package var description: String {
    var settings: [(String, String)]
    switch formulas {
    case .sgd(let sgd):
      settings = [
        ("learning_rate", "\(sgd.learningRate)"), ("momentum", "\(sgd.momentum)"), ("nesterov", "\(sgd.nesterov)"),
      ]
    case .adam(let adam), .adamw(let adam):
      settings = [
        ("learning_rate", "\(adam.learningRate)"), ("beta_1", "\(adam.beta1)"), ("beta_2", "\(adam.beta2)"),
        ("epsilon", "\(adam.epsilon)"),
      ]
    }
    settings.append(("weight_decay", "\(weightDecay)"))
    if let globalClipNorm { settings.append(("global_clipnorm", "\(globalClipNorm)")) }
    if let ema { settings.append(("ema", "\(ema)")) }
    if !decaysBiases { settings.append(("decay_biases", "false")) }
    return "\(name) (\(settings.map { "\($0) \($1)" }.joined(separator: ", ")))"
  }

  /// What it stores for each parameter.
  fileprivate var memoryLine: String {
    "\(4 * stateNames.count) bytes per parameter (\(stateNames.joined(separator: ", ")))"
  }
}
