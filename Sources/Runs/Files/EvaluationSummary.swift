package import Results

/// What `dist-train evaluate --json` writes.
package struct EvaluationSummary: Encodable {
  package var classes: [String]
  /// The epoch of the model.
  package var epoch: Int
  /// Which events: test, validation or training; all, if they are not the run's own.
  package var split: String
  /// The figures on these events, under the same keys as in metrics.json.
  package var evaluation: Evaluation
  /// Of the processes that are not trained on.
  package var processes: [ProcessScores]

  package init(
    classes: [String], epoch: Int, split: String, evaluation: Evaluation, processes: [ProcessScores] = []
  ) {
    self.classes = classes
    self.epoch = epoch
    self.split = split
    self.evaluation = evaluation
    self.processes = processes
  }

  private enum CodingKeys: String, CodingKey { case classes, epoch, split, processes }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(classes, forKey: .classes)
    try container.encode(epoch, forKey: .epoch)
    try container.encode(split, forKey: .split)
    if !processes.isEmpty { try container.encode(processes, forKey: .processes) }
    try evaluation.encode(to: encoder)
  }
}
