import Kernels

/// What a network learns: the meaning of its outputs, and the loss of an event by them. By its Keras name.
public enum Objective: String, CaseIterable, Codable, Sendable {
  /// An output a class; softmax turns the outputs into probabilities p, and the loss is −ln p[class of the event].
  case categoricalCrossentropy = "categorical_crossentropy"

  /// The number of outputs that tell so many classes apart.
  func outputs(classes: Int) -> Int {
    switch self {
    case .categoricalCrossentropy: classes
    }
  }
}

extension Worker {
  /// Turns the outputs of a block's events into the gradient of the loss by them, in place, and counts loss, weight and hits.
  mutating func finishLoss(_ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int) {
    // The worker's buffers have room for a block, and so have the outputs.
    let correct =
      switch specification.objective {
      case .categoricalCrossentropy:
        unsafe kernels.softmaxCrossEntropy(
          rows: rows, classes: specification.classes, logits: outputs, stride: outputStride, labels: labels.pointer,
          weights: weights.pointer, gradient: outputs, losses: losses.pointer)
      }
    // One chain of additions in the order of the events.
    var loss = 0.0
    var weight = 0.0
    for row in 0..<rows {
      unsafe loss += Double(losses.pointer[row])
      unsafe weight += Double(weights.pointer[row])
    }
    sums.count(events: rows, correct: correct, loss: loss, weight: weight)
  }

  /// Counts the predictions of a block's events in the confusion matrix.
  mutating func countPredictions(
    _ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int
  ) {
    switch specification.objective {
    case .categoricalCrossentropy:
      unsafe kernels.argMax(
        rows: rows, classes: specification.classes, scores: outputs, stride: outputStride, indices: predictions.pointer)
    }
    // An event with a NaN has no prediction, and makes the loss NaN.
    for row in 0..<rows where predictions[row] >= 0 {
      sums.countConfusion(truth: Int(labels[row]), prediction: Int(predictions[row]))
    }
  }

  /// Turns the outputs of a block's events, in place, into class probabilities: (rows, classes).
  func probabilities(
    _ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int
  ) -> [Float] {
    let (classes, stride) = (specification.classes, outputStride)
    switch specification.objective {
    case .categoricalCrossentropy:
      unsafe kernels.softmax(rows: rows, classes: classes, logits: outputs, stride: stride, probabilities: outputs)
    }
    return (0..<rows * classes).map { unsafe outputs[$0 / classes * stride + $0 % classes] }
  }

  private var outputStride: Int { layout.layers[layout.layers.count - 1].stride }
}
