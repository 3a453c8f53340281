import Foundation
import KernelOperands
import Kernels
import Testing

@Suite(.everyKernelSet) struct BinaryCrossEntropyTests {
  static let shapes: [(smoothing: Double, gamma: Double)] = [
    (0, 0), (0.1, 0), (0, 2), (0, 0.5), (0.2, 3), (0.3, 0.25),
  ]

  @Test(arguments: shapes, [1, 7, 8, 9, 16, 21, 40])
  func hasTheBitsOfItsTwin(shape: (smoothing: Double, gamma: Double), rows: Int) {
    let shape = LossShape(smoothing: shape.smoothing, classes: 2, gamma: shape.gamma)
    for (scale, inPlace) in [(3.0, true), (80, false), (1e38, true)] {
      var batch = LossBatch(rows: rows, width: 1, classes: 2, scale: scale, seed: 3)
      batch.train(shape, isBinary: true, inPlace: inPlace)
      var correct = 0
      for row in 0..<rows {
        let twin = Reference.binaryCrossEntropy(
          logit: batch.logits(of: row)[0], label: Int(batch.labels[row]), weight: batch.weights[row], shape)
        #expect(batch.gradient(of: row)[0].bitPattern == twin.gradient.bitPattern)
        #expect(batch.losses[row].bitPattern == twin.loss.bitPattern)
        correct += twin.isCorrect ? 1 : 0
      }
      #expect(batch.correct == correct)
      for (index, value) in batch.gradient.enumerated() where index >= rows * 8 || index % 8 > 0 {
        #expect(value == 0, "at \(index)")
      }
      #expect(batch.losses[rows...].allSatisfy { $0 == 0 })
    }
  }

  /// σ(z) is the probability of the first class: the definition for the logits (z, 0).
  @Test(arguments: shapes)
  func valueAndGradientAreThoseOfTheDefinition(shape: (smoothing: Double, gamma: Double)) {
    let shape = LossShape(smoothing: shape.smoothing, classes: 2, gamma: shape.gamma)
    for scale in [0.1, 3, 20] {
      var batch = LossBatch(rows: 48, width: 1, classes: 2, scale: scale, seed: 5)
      batch.weights = batch.weights.map { _ in 1 }
      batch.train(shape, isBinary: true)
      for row in 0..<48 {
        let logits = batch.asTwoClasses(row).map(Double.init)
        let label = Int(batch.labels[row])
        let relative = 0x1p-24 * (12 + 2 * scale) * Double(1 + shape.gamma)
        let exact = lossInDouble(logits, label, shape)
        #expect((Double(batch.losses[row]) - exact).magnitude <= relative * exact + 1e-37)
        let slope = slopeInDouble(logits, label, shape, by: 0)
        let tolerance = relative * Double(1 + shape.gamma) + 1e-9
        #expect((slope - Double(batch.gradient(of: row)[0])).magnitude <= tolerance)
      }
    }
  }

  @Test func anyFiniteLogitHasAFiniteLossAndGradient() {
    let largest = Float.greatestFiniteMagnitude
    var batch = LossBatch(
      [[largest], [largest], [-largest], [-largest], [1e38], [-0.0], [60], [60]],
      labels: [0, 1, 0, 1, 1, 1, 0, 1])
    batch.train(LossShape(), isBinary: true)
    #expect(batch.losses.prefix(5) == [0, largest, largest, 0, 1e38])
    #expect(batch.gradient.indices.filter { $0 % 8 == 0 }.prefix(5).map { batch.gradient[$0] } == [0, 1, -1, 0, 1])
    #expect(batch.losses[5] == Reference.naturalLogarithm(2) && batch.gradient[40] == 0.5)
    // e^−60 is far below what 1 − p resolves.
    #expect(batch.losses[6] > 8.756e-27 && batch.losses[6] < 8.757e-27 && batch.losses[7] == 60)
    #expect(batch.correct == 3)
    for shape in Self.shapes {
      batch.train(LossShape(smoothing: shape.smoothing, classes: 2, gamma: shape.gamma), isBinary: true)
      #expect((batch.losses + batch.gradient).allSatisfy { $0.isFinite })
    }
  }

  @Test func nanAndOtherLabelsMakeTheLossNaN() {
    var batch = LossBatch([[.nan], [1], [1], [2], [.nan]], labels: [0, 2, -1, 0, 1])
    for shape in Self.shapes {
      batch.train(LossShape(smoothing: shape.smoothing, classes: 2, gamma: shape.gamma), isBinary: true)
      #expect(batch.losses.prefix(5).map(\.isNaN) == [true, true, true, false, true] && batch.correct == 1)
    }
  }

  @Test func bothProbabilitiesAreAccurateAndPredictionsFollow() {
    let values: [Float] = [0, 1, -1, 20, -20, 90, -90, 3e38, -3e38, -0.0, .nan]
    var batch = LossBatch(values.map { [$0] }, labels: values.map { _ in 0 })
    let rows = values.count
    var predictions = [Int32](repeating: -7, count: rows)
    unsafe batch.logits.withUnsafeMutableBufferPointer { buffer in
      unsafe predictions.withUnsafeMutableBufferPointer { indices in
        guard let logits = buffer.baseAddress, let indices = indices.baseAddress else { return }
        // Padded as the kernels ask; in place, which they allow.
        unsafe kernels.binaryPredictions(rows: rows, logits: logits, stride: 8, indices: indices)
        unsafe kernels.binaryProbabilities(rows: rows, logits: logits, stride: 8, probabilities: logits)
      }
    }
    #expect(predictions == [0, 0, 1, 0, 1, 0, 1, 0, 1, 0, -1])
    for (row, value) in values.enumerated().dropLast() {
      let pair = batch.logits[8 * row..<8 * row + 8]
      #expect(pair.prefix(2).elementsEqual([Reference.logisticSigmoid(value), Reference.logisticSigmoid(-value)]))
      #expect(pair.dropFirst(2).allSatisfy { $0 == 0 })
    }
    #expect(batch.logits[8 * 3 + 1] > 2e-9 && batch.logits[8 * 3 + 1] < 2.1e-9, "σ(−20), which 1 − p would lose")
  }
}
