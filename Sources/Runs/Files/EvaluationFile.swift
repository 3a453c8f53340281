package import Results

/// The content of evaluation.json: what `dist-train evaluate` finds out about a model. Nothing in it depends on time, place or the
/// number of ranks.
package struct EvaluationFile: Encodable {
  package var classes: [String]
  /// The epoch of the model.
  package var epoch: Int
  /// Which events the figures below are of: test, validation or training; all, where they are other events than the run's.
  package var split: String
  /// The figures on these events, under the same keys as in metrics.json.
  package var evaluation: Evaluation
  /// Of the processes that are not trained on.
  package var processes: [ProcessScores]
  /// The factors of the discriminant.
  package var discriminant: Discriminant
  /// Replicas of the events, by which errors are found.
  package var replicas: Int
  /// By split. Empty where a probability is not finite.
  package var samples: [String: SampleFigures]
  /// nil without training events, or without others.
  package var overtraining: Overtraining?
  /// On test events, with bins and cut chosen on validation events; nil without these, and where events have no weights.
  package var significance: ExpectedSignificance?

  package init(
    classes: [String], epoch: Int, split: String, evaluation: Evaluation, processes: [ProcessScores],
    discriminant: Discriminant, replicas: Int, samples: [String: SampleFigures], overtraining: Overtraining?,
    significance: ExpectedSignificance?
  ) {
    self.classes = classes
    self.epoch = epoch
    self.split = split
    self.evaluation = evaluation
    self.processes = processes
    self.discriminant = discriminant
    self.replicas = replicas
    self.samples = samples
    self.overtraining = overtraining
    self.significance = significance
  }

  /// Explains the figures to a reader of the file without the manual.
  private static let definitions = [
    "value, error":
      "a figure and its statistical error, the standard deviation over replicas of the events (Poisson bootstrap)",
    "equal, expected":
      "mixed so that each class counts the same; mixed by the sums of weights of the whole processes (without weights, by "
      + "numbers of events)",
    "discriminant":
      "ln(sum_s f_s p_s / sum_b f_b p_b) of the probabilities p; s: classes of the signal, b: the others; f: expected fraction / "
      + "fraction in the training",
    "auc of a class": "area under the ROC curve of its probability, against the rest",
    "pairs": "areas under the ROC curves of p_i / (p_i + p_j), between events of the two classes",
    "macro_auc": "mean of the areas of the classes",
    "signal": "the classes of the signal against the background, and each class of it, by the discriminant",
    "rejections": "1 / (background efficiency) at the signal efficiencies \(SampleFigures.efficiencies)",
    "separation": "1/2 sum (s - b)^2 / (s + b) of normalised distributions, in 50 bins of equal s + b",
    "balanced_accuracy": "mean of the efficiencies of the classes",
    "weighted_accuracy": "the accuracy by the weights of the training, signed",
    "calibration":
      "in bins of the probability of a class, the part of the events that is of the class, by the weights of the training; "
      + "chi2 is about the number of bins where probabilities are right",
    "significance":
      "median significance Z_A at the yields of the whole processes (arXiv:1007.1727; with uncertainties: G. Cowan, 2012), in bins of "
      + "the discriminant (edge: the lower one) and above a cut, chosen on validation events, quoted on test events",
    "ks":
      "largest distance of the cumulative distributions of the discriminant in two samples; p by permutations of the events",
  ]

  private enum CodingKeys: String, CodingKey {
    case classes, epoch, split, processes, discriminant, definitions, samples, overtraining, significance
    case replicas = "bootstrap"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(classes, forKey: .classes)
    try container.encode(epoch, forKey: .epoch)
    try container.encode(split, forKey: .split)
    if !processes.isEmpty { try container.encode(processes, forKey: .processes) }
    try container.encode(
      Dictionary(uniqueKeysWithValues: zip(classes, discriminant.factors)), forKey: .discriminant)
    try container.encode(replicas, forKey: .replicas)
    try container.encode(samples, forKey: .samples)
    try container.encodeIfPresent(overtraining, forKey: .overtraining)
    try container.encodeIfPresent(significance, forKey: .significance)
    try container.encode(Self.definitions, forKey: .definitions)
    try evaluation.encode(to: encoder)
  }
}
