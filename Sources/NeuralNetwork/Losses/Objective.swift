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
  /// Turns the outputs of a block's events into the gradient of the weighted loss by them, in place, and counts loss and hits.
  mutating func finishLoss(_ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int) {
    let correct = unsafe computeLosses(outputs, weights.pointer, specification, rows: rows)
    // One chain of additions in the order of the events.
    var loss = 0.0
    for row in 0..<rows { unsafe loss += Double(losses.pointer[row]) }
    sums.count(events: rows, correct: correct, loss: loss)
  }

  /// Counts loss, with weights and without, and hits of a block's events; the outputs are lost.
  mutating func judgeOutputs(_ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int) {
    let correct = unsafe computeLosses(outputs, ones.pointer, specification, rows: rows)
    var (weighted, unweighted) = (0.0, 0.0)
    for row in 0..<rows {
      let loss = losses[row]
      // The product that the kernel makes of a weight, to the bit.
      weighted += Double(loss * weights[row])
      unweighted += Double(loss)
    }
    sums.count(events: rows, correct: correct, loss: weighted)
    sums.count(unweightedLoss: unweighted)
  }

  /// Writes the events' losses × `weights` to `losses`, and the gradient over the outputs. Returns the hits.
  private func computeLosses(
    _ outputs: UnsafeMutablePointer<Float>, _ weights: UnsafePointer<Float>, _ specification: NetworkSpecification,
    rows: Int
  ) -> Int {
    // The worker's buffers have room for a block, and so have the outputs.
    switch specification.objective {
    case .categoricalCrossentropy:
      unsafe kernels.softmaxCrossEntropy(
        rows: rows, classes: specification.classes, logits: outputs, stride: outputStride, labels: labels.pointer,
        weights: weights, gradient: outputs, losses: losses.pointer)
    }
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
