import Foundation
import Kernels
import Testing

extension LossBatch {
  /// `rows` events with logits in [−scale, scale), labels that may be any class, and weights in [0, 2).
  fileprivate init(rows: Int, classes: Int, scale: Double, seed: UInt64) {
    self.init(rows: rows, width: classes, classes: classes, scale: scale, seed: seed, stream: 3, lightest: 0)
  }

  fileprivate func probabilities() -> [Float] {
    var result = logits
    unsafe result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      // In place, which the kernel allows.
      unsafe kernels.softmax(rows: rows, classes: width, logits: base, stride: stride, probabilities: base)
    }
    return result
  }

  fileprivate func largest() -> [Int32] {
    var indices = [Int32](repeating: -7, count: rows)
    unsafe logits.withUnsafeBufferPointer { z in
      unsafe indices.withUnsafeMutableBufferPointer { i in
        guard let z = z.baseAddress, let i = i.baseAddress else { return }
        // One index per row.
        unsafe kernels.argMax(rows: rows, classes: width, scores: z, stride: stride, indices: i)
      }
    }
    return indices
  }
}

private func softmaxInDouble(_ logits: [Double]) -> [Double] {
  let maximum = logits.max() ?? 0
  let powers = logits.map { exp($0 - maximum) }
  let total = powers.reduce(0, +)
  return powers.map { $0 / total }
}

private func lossInDouble(_ logits: [Double], _ label: Int) -> Double {
  let maximum = logits.max() ?? 0
  return log(logits.reduce(0) { $0 + exp($1 - maximum) }) - (logits[label] - maximum)
}

@Suite(.everyKernelSet) struct SoftmaxCrossEntropyTests {
  static let classes = [1, 2, 3, 4, 5, 7, 8, 9, 13, 20]
  static let rows = [1, 7, 8, 9, 16, 21, 40]

  @Test(arguments: classes, rows)
  func hasTheBitsOfItsTwin(classes: Int, rows: Int) {
    for (scale, inPlace) in [(3.0, false), (60, true), (1e7, false)] {
      var batch = LossBatch(rows: rows, classes: classes, scale: scale, seed: UInt64(classes))
      batch.train(inPlace: inPlace)
      var correct = 0
      for row in 0..<rows {
        let twin = Reference.softmaxCrossEntropy(
          logits: batch.logits(of: row), label: Int(batch.labels[row]), weight: batch.weights[row])
        #expect(batch.gradient(of: row).map(\.bitPattern) == twin.gradient.map(\.bitPattern))
        #expect(batch.losses[row].bitPattern == twin.loss.bitPattern)
        correct += twin.isCorrect ? 1 : 0
      }
      #expect(batch.correct == correct)
    }
  }

  @Test(arguments: classes, rows)
  func paddingBecomesZero(classes: Int, rows: Int) {
    var batch = LossBatch(rows: rows, classes: classes, scale: 3, seed: 1)
    batch.train()
    for (index, value) in batch.gradient.enumerated() {
      let isPadding = index / batch.stride >= rows || index % batch.stride >= classes
      #expect(!isPadding || value == 0, "at \(index)")
    }
    #expect(batch.losses[rows...].allSatisfy { $0 == 0 })
  }

  @Test(arguments: classes, [0.1, 3, 30, 300])
  func isCloseToItsOracle(classes: Int, scale: Double) {
    var batch = LossBatch(rows: 48, classes: classes, scale: scale, seed: 5)
    batch.train()
    let u = 0x1p-24
    for row in 0..<48 {
      let logits = batch.logits(of: row).map(Double.init)
      let weight = Double(batch.weights[row])
      let label = Int(batch.labels[row])
      let shares = softmaxInDouble(logits)
      let maximum = logits.max() ?? 0
      // Relative errors: an exponential has 2.1 u of its own (1.03 ulp) and u · |argument| from the rounded argument,
      // which for the sum counts with its share; the sum has a rounding per class, the reciprocal one.
      let ofSum = u * (2.1 + Double(classes) + zip(shares, logits).reduce(0) { $0 + $1.0 * (maximum - $1.1) })
      for (index, value) in batch.gradient(of: row).enumerated() {
        let exact = (shares[index] - (index == label ? 1 : 0)) * weight
        let ofShare = u * (2.1 + maximum - logits[index]) + ofSum + u
        let tolerance = 1.01 * (shares[index] * weight * ofShare + 2 * u * exact.magnitude) + 0x1p-148
        #expect((Double(value) - exact).magnitude <= tolerance)
      }
      let exact = lossInDouble(logits, label) * weight
      let ofLogarithm = ofSum + 2 * u * lossInDouble(logits, logits.firstIndex(of: maximum) ?? 0)
      let tolerance = 1.01 * (weight * (ofLogarithm + u * (maximum - logits[label])) + 2 * u * exact)
      #expect((Double(batch.losses[row]) - exact).magnitude <= tolerance)
    }
  }

  @Test(arguments: classes)
  func gradientIsTheSlopeOfTheLoss(classes: Int) {
    var batch = LossBatch(rows: 16, classes: classes, scale: 4, seed: 11)
    batch.train()
    let h = 0x1p-10
    for row in 0..<16 {
      let logits = batch.logits(of: row).map(Double.init)
      let label = Int(batch.labels[row])
      for index in 0..<classes {
        var (above, below) = (logits, logits)
        above[index] += h
        below[index] -= h
        let slope = (lossInDouble(above, label) - lossInDouble(below, label)) / (2 * h) * Double(batch.weights[row])
        // h²/6 · |third derivative| ≤ 2⁻²⁰ / 6 · 0.1 · weight 2, and a float32 error of some 2⁻²².
        #expect((slope - Double(batch.gradient(of: row)[index])).magnitude < 1e-6)
      }
    }
  }

  @Test func hugeAndInfiniteLogitsGiveTheirLimits() {
    let infinity = Float.infinity
    var batch = LossBatch(
      [
        [1e7, -1e7, 0, 5], [1e7, -1e7, 0, 5], [3e38, -3e38, 0, 0], [infinity, 0, 1, 2], [infinity, 0, 1, 2],
        [-infinity, 0, 0, -infinity], [-infinity, 0, 0, -infinity], [infinity, infinity, 0, 0],
        [-infinity, -infinity, -infinity, -infinity],
      ], labels: [0, 1, 0, 0, 1, 1, 0, 1, 3])
    batch.train()
    let ln2 = Reference.naturalLogarithm(2)
    #expect(
      batch.losses.prefix(9) == [0, 2e7, 0, 0, infinity, ln2, infinity, ln2, Reference.naturalLogarithm(4)])
    #expect(
      (0..<9).map(batch.gradient(of:)) == [
        [0, 0, 0, 0], [1, -1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, -1, 0, 0], [0, -0.5, 0.5, 0],
        [-1, 0.5, 0.5, 0], [0.5, -0.5, 0, 0], [0.25, 0.25, 0.25, -0.75],
      ])
    #expect(batch.correct == 4)
  }

  @Test(arguments: [2, 4, 6], [0, 1])
  func aNaNLogitIsSeenInItsRowOnly(classes: Int, place: Int) {
    var events = [[Float]](repeating: [Float](repeating: 0, count: classes), count: 3)
    events[1][place] = .nan
    for label in 0..<classes {
      var batch = LossBatch(events, labels: [0, label, 0])
      batch.train()
      #expect(batch.losses[1].isNaN)
      #expect(batch.gradient(of: 1).allSatisfy { $0.isNaN })
      #expect(batch.correct == 2)
      #expect(batch.losses[0].isFinite && batch.losses[2].isFinite)
      #expect((batch.gradient(of: 0) + batch.gradient(of: 2)).allSatisfy { $0.isFinite })
    }
  }

  @Test(arguments: [-1, 4, 100])
  func aLabelThatIsNoClassGivesALossOfNaN(label: Int) {
    var batch = LossBatch([[0, 1, 2, 3]], labels: [label])
    batch.train()
    #expect(batch.losses[0].isNaN)
    #expect(batch.correct == 0)
  }

  @Test func theFirstOfEqualLogitsIsTheAnswer() {
    var batch = LossBatch([[1, 2, 2, 0], [0, 0, 0, 0], [1, 2, 2, 0]], labels: [1, 0, 2])
    batch.train()
    #expect(batch.correct == 2)
    #expect(batch.largest() == [1, 0, 1])
  }

  @Test(arguments: classes, rows)
  func softmaxHasTheBitsOfItsTwin(classes: Int, rows: Int) {
    let batch = LossBatch(rows: rows, classes: classes, scale: 10, seed: 13)
    let probabilities = batch.probabilities()
    for row in 0..<rows {
      let result = probabilities[row * batch.stride..<(row + 1) * batch.stride]
      #expect(result.prefix(classes).elementsEqual(Reference.softmax(batch.logits(of: row))))
      #expect(result.dropFirst(classes).allSatisfy { $0 == 0 })
      // Each probability is off by some 2⁻²², at most, of itself.
      #expect((result.reduce(0, +) - 1).magnitude < 1e-5)
    }
  }

  @Test func argMaxFindsTheLargestAndShowsNaN() {
    let batch = LossBatch(
      [[3, 1, 2], [1, 3, 2], [1, 2, 3], [.nan, 1, 2], [2, 1, .nan], [-.infinity, -.infinity, -5]],
      labels: [0, 0, 0, 0, 0, 0])
    #expect(batch.largest() == [0, 1, 2, -1, -1, 2])
  }
}
