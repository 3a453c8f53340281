import Results

/// The content of metrics.json. Nothing in it depends on time or place.
struct RunSummary: Encodable, Equatable {
  var classes: [String]
  var features: [String]
  /// The weight of each class in the loss, and the mean of the weights over the training events.
  var classWeights: [Float]
  var meanWeight: Double
  /// Epochs trained, and the one whose model was kept.
  var epochs: Int
  var bestEpoch: Int
  var steps: Int
  /// The best model on all events of each split, nil where there are none.
  var training: Evaluation?
  var validation: Evaluation?
  var test: Evaluation?

  /// What the figures of an evaluation are, for whoever reads the file without a manual.
  private static let definitions = [
    "loss":
      "mean over the events, with the class weights of the training divided by their mean over the training events",
    "unweighted_loss": "mean over the events, each counting the same",
    "accuracy": "share of the events whose largest score is that of their class, each event counting the same",
  ]

  /// Whether the loss weights events differently.
  var isWeighted: Bool { classWeights.contains { $0 != classWeights.first } }

  /// The events that the model is judged by, by name: test events, else what there is.
  var verdict: (name: String, evaluation: Evaluation)? {
    for (name, evaluation) in [("test", test), ("validation", validation), ("training", training)] {
      if let evaluation { return (name, evaluation) }
    }
    return nil
  }

  private enum CodingKeys: String, CodingKey {
    case classes, features, definitions, epochs, steps, training, validation, test
    case classWeights = "class_weights"
    case meanWeight = "mean_weight"
    case bestEpoch = "best_epoch"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(classes, forKey: .classes)
    try container.encode(features, forKey: .features)
    try container.encode(classWeights, forKey: .classWeights)
    try container.encode(meanWeight, forKey: .meanWeight)
    try container.encode(Self.definitions, forKey: .definitions)
    try container.encode(epochs, forKey: .epochs)
    try container.encode(bestEpoch, forKey: .bestEpoch)
    try container.encode(steps, forKey: .steps)
    try container.encodeIfPresent(training, forKey: .training)
    try container.encodeIfPresent(validation, forKey: .validation)
    try container.encodeIfPresent(test, forKey: .test)
  }
}
