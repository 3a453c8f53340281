import Foundation
import KernelOperands
import Kernels
import TestSupport
import Testing

/// The loss Σ y (1 − p)^γ (−ln p) in double, each term by ln p and ln(1 − p) as they are: an oracle that shares no formula with the
/// kernel but the definition.
func lossInDouble(_ logits: [Double], _ label: Int, _ shape: LossShape) -> Double {
  logits.indices.reduce(0) { sum, index in
    let target = Double(index == label ? shape.own : shape.other)
    guard target > 0 else { return sum }
    // −ln p = ln(1 + Σ e^(z − z of the class)), 1 − p = (Σ without the class) · p.
    let others = logits.indices.filter { $0 != index }.map { logits[$0] - logits[index] }
    let highest = max(0, others.max() ?? 0)
    let rest = others.reduce(0) { $0 + exp($1 - highest) }
    let information = highest + (highest == 0 ? log1p(rest) : log(rest + exp(-highest)))
    let logOfRest = rest == 0 ? -Double.infinity : log(rest) + highest - information
    return sum + target * (shape.gamma == 0 ? 1 : exp(Double(shape.gamma) * logOfRest)) * information
  }
}

/// The slope of the loss by one logit, by a difference of the fourth order.
func slopeInDouble(_ logits: [Double], _ label: Int, _ shape: LossShape, by index: Int) -> Double {
  let h = 0x1p-8
  func loss(_ steps: Double) -> Double {
    var moved = logits
    moved[index] += steps * h
    return lossInDouble(moved, label, shape)
  }
  return (8 * (loss(1) - loss(-1)) - (loss(2) - loss(-2))) / (12 * h)
}

@Suite(.everyKernelSet) struct ShapedCrossEntropyTests {
  static let classes = [2, 3, 4, 5, 8, 9, 13]
  static let shapes: [(smoothing: Double, gamma: Double)] = [
    (0.1, 0), (0.9, 0), (0, 2), (0, 0.5), (0, 5), (0.1, 2), (0.3, 0.25),
  ]

  @Test(arguments: classes, shapes)
  func hasTheBitsOfItsTwin(classes: Int, shape: (smoothing: Double, gamma: Double)) {
    let shape = LossShape(smoothing: shape.smoothing, classes: classes, gamma: shape.gamma)
    for (rows, scale, inPlace) in [(1, 3.0, true), (8, 60, false), (21, 1e7, true), (40, 2, false)] {
      var batch = LossBatch(rows: rows, width: classes, classes: classes, scale: scale, seed: UInt64(classes))
      batch.train(shape, inPlace: inPlace)
      var correct = 0
      for row in 0..<rows {
        let twin = Reference.shapedCrossEntropy(
          logits: batch.logits(of: row), label: Int(batch.labels[row]), weight: batch.weights[row], shape)
        #expect(batch.gradient(of: row).map(\.bitPattern) == twin.gradient.map(\.bitPattern))
        #expect(batch.losses[row].bitPattern == twin.loss.bitPattern)
        correct += twin.isCorrect ? 1 : 0
      }
      #expect(batch.correct == correct)
      for (index, value) in batch.gradient.enumerated()
      where index / batch.stride >= rows || index % batch.stride >= classes {
        #expect(value == 0, "at \(index)")
      }
      #expect(batch.losses[rows...].allSatisfy { $0 == 0 })
    }
  }

  /// The value is the oracle's, and the gradient its slope, to a few float32 roundings of what is added up.
  @Test(arguments: classes, shapes)
  func valueAndGradientAreThoseOfTheDefinition(classes: Int, shape: (smoothing: Double, gamma: Double)) {
    let shape = LossShape(smoothing: shape.smoothing, classes: classes, gamma: shape.gamma)
    let u = 0x1p-24
    for scale in [0.1, 3, 20] {
      var batch = LossBatch(rows: 48, width: classes, classes: classes, scale: scale, seed: 5)
      batch.weights = batch.weights.map { _ in 1 }
      batch.train(shape)
      for row in everyNth(0..<48) {
        let logits = batch.logits(of: row).map(Double.init)
        let label = Int(batch.labels[row])
        // An exponential has 2.1 u and u · |argument|, at most 2 · scale; q^γ has 4 γ u and another u · |γ ln q|; the sums have a
        // rounding a class.
        let spread = 2.1 + 2 * scale + Double(classes)
        let relative = u * (8 + 3 * spread + Double(shape.gamma) * (spread + 4 + 2 * scale))
        let exact = lossInDouble(logits, label, shape)
        #expect((Double(batch.losses[row]) - exact).magnitude <= relative * exact + 1e-37)
        for index in 0..<classes {
          let slope = slopeInDouble(logits, label, shape, by: index)
          // All terms of a gradient are at most (1 + γ) in magnitude; the difference's own error is far below.
          let tolerance = relative * (1 + Double(shape.gamma)) + 1e-9
          #expect((slope - Double(batch.gradient(of: row)[index])).magnitude <= tolerance)
        }
      }
    }
  }

  /// Where p is next to 1, loss and gradient keep a small relative error, which 1 − p in float32 would lose.
  @Test(arguments: [10.0, 20, 40, 60], [0.25, 0.5, 1, 2, 3] as [Float])
  func confidentEventsKeepTheirRelativeAccuracy(distance: Double, gamma: Float) {
    let shape = LossShape(gamma: gamma)
    var batch = LossBatch([[Float(distance), 0, 0]], labels: [0])
    batch.train(shape)
    let logits = [distance, 0, 0]
    let rest = 2 * exp(-distance)
    // The loss is r^(1 + γ) and the slope by the label's logit −(1 + γ) r^(1 + γ), up to r itself.
    let exact = lossInDouble(logits, 0, shape)
    guard exact > 1e-37 else { return #expect(batch.losses[0] < 1e-37 && batch.losses[0] >= 0) }
    let relative = 0x1p-24 * (20 + distance) * Double(1 + gamma)
    #expect((Double(batch.losses[0]) / exact - 1).magnitude < relative)
    let slope = -exact * Double(1 + gamma)
    #expect((Double(batch.gradient[0]) / slope - 1).magnitude < relative + 3 * rest)
    #expect((Double(batch.gradient[1]) / (slope / -2) - 1).magnitude < relative + 3 * rest)
  }

  @Test(arguments: shapes, [1e38, 3.4e38] as [Float])
  func extremeLogitsGiveWhatTheyShould(shape: (smoothing: Double, gamma: Double), huge: Float) {
    let shape = LossShape(smoothing: shape.smoothing, classes: 4, gamma: shape.gamma)
    var batch = LossBatch(
      [[huge, -huge, 0, 5], [huge, -huge, 0, 5], [-huge, -huge, -huge, huge], [huge, huge, huge, huge]],
      labels: [0, 1, 3, 2], weights: [0.25, 0.25, 0.25, 0.25])
    batch.train(shape)
    let (own, other) = (Double(shape.own), Double(shape.other))
    #expect(batch.gradient.allSatisfy { $0.isFinite })
    // What is lost is the distance from the largest logit; the class that has all probability loses nothing.
    let z = Double(huge)
    let expected = [other * (2 * z + z + z), own * 2 * z + other * 2 * z, other * 6 * z].map { $0 / 4 }
    for (row, loss) in expected.enumerated() {
      #expect((Double(batch.losses[row]) - loss).magnitude <= 1e-6 * loss, "event \(row)")
    }
    #expect(batch.losses[3] < 0.4 && batch.losses[3] > 0)
    for (row, own) in [0, 0, 3].enumerated() {
      // q · y · s − p · Σ' y · s: −y without focus for a class of p = 0, and 1 − y for the one of p = 1.
      for index in 0..<4 where index != own {
        let target = index == Int(batch.labels[row]) ? shape.own : shape.other
        #expect((batch.gradient(of: row)[index] + target / 4).magnitude < 1e-6)
      }
    }
    #expect(batch.correct == 2)
  }

  @Test(arguments: shapes, [0, 1, 2])
  func nanAndUnknownLabelsMakeTheLossNaN(shape: (smoothing: Double, gamma: Double), place: Int) {
    let shape = LossShape(smoothing: shape.smoothing, classes: 3, gamma: shape.gamma)
    var events: [[Float]] = [[0, 1, 2], [0, 1, 2], [3, 1, 2]]
    events[1][place] = .nan
    var batch = LossBatch(events + [[0, 1, 2], [0, 1, 2]], labels: [2, 1, 0, 3, -1])
    batch.train(shape)
    #expect(batch.losses[1].isNaN && batch.losses[3].isNaN && batch.losses[4].isNaN)
    #expect(batch.losses[0].isFinite && batch.losses[2].isFinite && batch.correct == 2)
    #expect((batch.gradient(of: 0) + batch.gradient(of: 2)).allSatisfy { $0.isFinite })
  }

  /// Without smoothing and focus it would be the plain cross-entropy: they meet.
  @Test func tinySmoothingIsThePlainLoss() {
    var batch = LossBatch(rows: 40, width: 4, classes: 4, scale: 5, seed: 8)
    batch.train(LossShape(smoothing: 1e-7, classes: 4, gamma: 0))
    for row in 0..<40 {
      let plain = Reference.softmaxCrossEntropy(
        logits: batch.logits(of: row), label: Int(batch.labels[row]), weight: batch.weights[row])
      #expect((batch.losses[row] - plain.loss).magnitude < 1e-5)
      for (mine, theirs) in zip(batch.gradient(of: row), plain.gradient) { #expect((mine - theirs).magnitude < 1e-6) }
    }
  }
}
