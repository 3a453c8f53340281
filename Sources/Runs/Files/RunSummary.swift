import Results

/// The content of metrics.json. Nothing in it depends on time or place.
struct RunSummary: Encodable, Equatable {
  var classes: [String]
  var features: [String]
  /// Epochs trained, and the one whose model was kept.
  var epochs: Int
  var bestEpoch: Int
  var steps: Int
  /// The best model on all events of each split, nil where there are none.
  var training: Evaluation?
  var validation: Evaluation?
  var test: Evaluation?

  private enum CodingKeys: String, CodingKey {
    case classes, features, epochs, steps, training, validation, test
    case bestEpoch = "best_epoch"
  }
}
