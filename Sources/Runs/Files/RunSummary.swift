import Events
import Numerics
import Results

/// The content of metrics.json. Nothing in it depends on time or place.
struct RunSummary: Encodable, Equatable {
  var classes: [String]
  var features: [String]
  /// The weight of each class in the loss, and the mean of the weights over the training events.
  var classWeights: [Float]
  var meanWeight: Double
  /// The factors by which weights are multiplied in a training whose events have their own; nil otherwise.
  var eventWeights: FormerWeights?
  /// Epochs trained, and the one whose model was kept.
  var epochs: Int
  var bestEpoch: Int
  var steps: Int
  /// The best model on all events of each split, nil where there are none.
  var training: Evaluation?
  var validation: Evaluation?
  var test: Evaluation?
  /// Of the processes that are not trained on.
  var processes: [ProcessScores] = []

  /// Explains the figures of an evaluation to a reader of the file without the manual.
  private static let definitions = [
    "loss":
      "mean over the events, with the weights of the training: those of classes are divided by their mean over the training "
      + "events, those of events by their mean over these events",
    "unweighted_loss": "mean over the events, each counting the same",
    "accuracy": "share of the events whose largest score is that of their class, each event counting the same",
    "weighted_accuracy": "the same, with the weights of the training",
    "auc":
      "area under the ROC curve of each class against the rest, mixed with the weights of the training; the mean over the classes, "
      + "or that of the first of two",
    "auc_by_class": "the area of each class",
    "class_weights": "what the weights of a class's events, or 1 where they have none, are multiplied by in the loss",
    "event_weights": "factors of each process for each class, times 2^unit; t and v are weight x factor / 2^unit",
    "auc_bound": "how far auc may be from that of scores that were not sorted into 65,536 bins",
  ]

  /// Whether the loss weights events differently.
  var isWeighted: Bool { eventWeights != nil || classWeights.contains { $0 != classWeights.first } }

  /// The evaluation reported for the model, by name: on test events, else on what there is.
  var verdict: (name: String, evaluation: Evaluation)? {
    for (name, evaluation) in [("test", test), ("validation", validation), ("training", training)] {
      if let evaluation { return (name, evaluation) }
    }
    return nil
  }

  private enum CodingKeys: String, CodingKey {
    case classes, features, definitions, epochs, steps, training, validation, test, processes
    case eventWeights = "event_weights"
    case classWeights = "class_weights"
    case meanWeight = "mean_weight"
    case bestEpoch = "best_epoch"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(classes, forKey: .classes)
    try container.encode(features, forKey: .features)
    if let unit = eventWeights?.unit {
      // Weights as in the files, not in the unit in which they are stored.
      try container.encode(classWeights.map { scaled(Double($0), by: -unit) }, forKey: .classWeights)
    } else {
      try container.encode(classWeights, forKey: .classWeights)
    }
    try container.encode(meanWeight, forKey: .meanWeight)
    try container.encode(Self.definitions, forKey: .definitions)
    try container.encode(epochs, forKey: .epochs)
    try container.encode(bestEpoch, forKey: .bestEpoch)
    try container.encode(steps, forKey: .steps)
    try container.encodeIfPresent(training, forKey: .training)
    try container.encodeIfPresent(validation, forKey: .validation)
    try container.encodeIfPresent(test, forKey: .test)
    try container.encodeIfPresent(eventWeights, forKey: .eventWeights)
    if !processes.isEmpty { try container.encode(processes, forKey: .processes) }
  }
}
