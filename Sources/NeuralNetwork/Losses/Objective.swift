import ElementaryFunctions
import KernelOperands
import Kernels

/// What a network learns: the meaning of its outputs, and the loss of an event as a function of them.
public struct Objective: Equatable, Sendable {
  /// The outputs and their loss, by its Keras name.
  public enum Head: String, CaseIterable, Codable, Sendable {
    /// An output a class; softmax turns the outputs into probabilities p, and the loss is −ln p[class of the event].
    case categoricalCrossentropy = "categorical_crossentropy"
    /// One output z for two classes: σ(z) is the probability of the first, σ(−z) that of the second class, and the loss is −ln of
    /// that of the event's class.
    case binaryCrossentropy = "binary_crossentropy"
  }

  public let head: Head
  /// ε, at least 0 and below 1: an event's own class has the target 1 − ε + ε/K, each of the other ones of K classes ε/K.
  public let labelSmoothing: Float
  /// γ, at least 0, of a focal loss Σ y (1 − p)^γ (−ln p) over the classes (arXiv:1708.02002, as Keras' CategoricalFocalCrossentropy
  /// without alpha). Two classes of one output have two terms too.
  public let focalGamma: Float
  /// −ln of the probability that bounds the losses of events of negative weight; nil: no bound.
  let negativeBound: Float?

  /// - Parameter negativeClip: With events of negative weight, whose losses have no lower bound of their own: one that loses more than
  ///   an event of its class's having this probability, above 0 and below 1, counts as much as that one and has no gradient.
  ///   Events of positive weight still pull back. nil: no bound.
  public init(_ head: Head, labelSmoothing: Double = 0, focalGamma: Double = 0, negativeClip: Double? = nil) {
    precondition(labelSmoothing >= 0 && labelSmoothing < 1 && focalGamma >= 0, "no such objective")
    self.head = head
    self.labelSmoothing = Float(labelSmoothing)
    self.focalGamma = Float(focalGamma)
    negativeBound = negativeClip.map { Float(-Elementary.naturalLogarithm($0)) }
  }

  /// Softmax and the plain cross-entropy.
  public static let categoricalCrossentropy = Objective(.categoricalCrossentropy)

  /// The number of outputs for this many classes.
  func outputs(classes: Int) -> Int {
    switch head {
    case .categoricalCrossentropy: classes
    case .binaryCrossentropy: 1
    }
  }

  /// Whether the loss is the plain cross-entropy.
  fileprivate var isPlain: Bool { labelSmoothing == 0 && focalGamma == 0 }

  /// What the kernels need to know of the loss.
  fileprivate func shape(classes: Int) -> LossShape {
    // ε/K for every class, and 1 − ε more for the own one.
    let other = Double(labelSmoothing) / Double(classes)
    return LossShape(own: Float(1 - Double(labelSmoothing) + other), other: Float(other), gamma: focalGamma)
  }
}

extension Worker {
  /// Turns the outputs of a block's events into the gradient of the weighted loss w.r.t. them, in place, and counts loss and hits.
  mutating func finishLoss(_ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int) {
    let correct = unsafe computeLosses(outputs, weights.pointer, specification, rows: rows)
    if let bound = specification.objective.negativeBound {
      unsafe kernels.boundNegativeLosses(
        rows: rows, bound: bound, weights: weights.pointer, stride: outputStride, gradient: outputs,
        losses: losses.pointer)
    }
    // One chain of additions in the order of the events.
    var loss = 0.0
    for row in 0..<rows { unsafe loss += Double(losses.pointer[row]) }
    sums.count(events: rows, correct: correct, loss: loss)
  }

  /// Counts loss, with and without weights, and hits of a block's events; overwrites the outputs.
  mutating func judgeOutputs(_ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int) {
    let correct = unsafe computeLosses(outputs, ones.pointer, specification, rows: rows)
    var (weighted, unweighted) = (0.0, 0.0)
    let bound = specification.objective.negativeBound ?? .infinity
    for row in 0..<rows {
      let (loss, weight) = (losses[row], weights[row])
      // The product that the kernel makes of a weight, to the bit.
      weighted += Double(weight < 0 && loss > bound ? bound * weight : loss * weight)
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
    let objective = specification.objective
    // The worker's buffers have room for a block, and so have the outputs.
    switch (objective.head, objective.isPlain) {
    case (.categoricalCrossentropy, true):
      return unsafe kernels.softmaxCrossEntropy(
        rows: rows, classes: specification.classes, logits: outputs, stride: outputStride, labels: labels.pointer,
        weights: weights, gradient: outputs, losses: losses.pointer)
    case (.categoricalCrossentropy, false):
      return unsafe kernels.shapedCrossEntropy(
        rows: rows, classes: specification.classes, logits: outputs, stride: outputStride, labels: labels.pointer,
        weights: weights, objective.shape(classes: specification.classes), gradient: outputs, losses: losses.pointer)
    case (.binaryCrossentropy, _):
      return unsafe kernels.binaryCrossEntropy(
        rows: rows, logits: outputs, stride: outputStride, labels: labels.pointer, weights: weights,
        objective.shape(classes: 2), gradient: outputs, losses: losses.pointer)
    }
  }

  /// Counts the predictions of a block's events in the confusion matrix, and the weights of those that are right.
  mutating func countPredictions(
    _ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int
  ) {
    switch specification.objective.head {
    case .categoricalCrossentropy:
      unsafe kernels.argMax(
        rows: rows, classes: specification.classes, scores: outputs, stride: outputStride, indices: predictions.pointer)
    case .binaryCrossentropy:
      unsafe kernels.binaryPredictions(
        rows: rows, logits: outputs, stride: outputStride, indices: predictions.pointer)
    }
    var (weight, right) = (0.0, 0.0)
    // An event with a NaN has no prediction, and makes the loss NaN.
    for row in 0..<rows where predictions[row] >= 0 {
      sums.countConfusion(truth: Int(labels[row]), prediction: Int(predictions[row]))
      weight += Double(weights[row])
      if labels[row] == predictions[row] { right += Double(weights[row]) }
    }
    sums.count(weight: weight, right: right)
  }

  /// Turns the outputs of a block's events, in place, into class probabilities: (rows, classes).
  func probabilities(
    _ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int
  ) -> [Float] {
    let count = rows * specification.classes
    // All of them are written.
    return unsafe [Float](unsafeUninitializedCapacity: count) { scores, written in
      if let first = scores.baseAddress { unsafe writeProbabilities(outputs, specification, rows: rows, to: first) }
      written = count
    }
  }

  /// The same, written to `scores`, which has room for them.
  func writeProbabilities(
    _ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int,
    to scores: UnsafeMutablePointer<Float>
  ) {
    let (classes, stride) = (specification.classes, outputStride)
    unsafe findProbabilities(outputs, specification, rows: rows, to: outputs)
    for row in 0..<rows {
      for index in 0..<classes { unsafe scores[row &* classes &+ index] = outputs[row &* stride &+ index] }
    }
  }

  /// Writes the class probabilities of a block's events to `scores`, (rows, stride of the outputs), which may be the outputs.
  func findProbabilities(
    _ outputs: UnsafeMutablePointer<Float>, _ specification: NetworkSpecification, rows: Int,
    to scores: UnsafeMutablePointer<Float>
  ) {
    switch specification.objective.head {
    case .categoricalCrossentropy:
      unsafe kernels.softmax(
        rows: rows, classes: specification.classes, logits: outputs, stride: outputStride, probabilities: scores)
    case .binaryCrossentropy:
      unsafe kernels.binaryProbabilities(rows: rows, logits: outputs, stride: outputStride, probabilities: scores)
    }
  }

  /// Floats from one event's outputs to the next one's.
  var outputStride: Int { layout.layers[layout.layers.count - 1].stride }
}

extension Objective: CustomStringConvertible {
  /// For messages, as in the run file: "binary_crossentropy, label_smoothing 0.1, focal_gamma 2".
  public var description: String {
    var words = [head.rawValue]
    if labelSmoothing != 0 { words.append("label_smoothing \(labelSmoothing)") }
    if focalGamma != 0 { words.append("focal_gamma \(focalGamma)") }
    return words.joined(separator: ", ")
  }
}
