import KernelOperands

// Scalar twins of the losses of other shapes: the same operations in the same order. A vector's −x is 0 − x, which makes a zero
// positive.

extension Reference {
  /// What one class adds to half of a loss, and its slope.
  private static func term(share: Float, rest: Float, half: Float, gamma: Float) -> (half: Float, slope: Float) {
    guard gamma > 0 else { return (half, -1) }
    let factor = exponential(naturalLogarithm(rest) * gamma)
    let finite = half > .greatestFiniteMagnitude ? .greatestFiniteMagnitude : half
    let ratio = rest == 0 ? 0.5 : finite / rest
    return (factor * half, (0 - factor) * Float(1).addingProduct((gamma + gamma) * share, ratio))
  }

  /// The probabilities of an event's classes.
  struct Shares {
    let logits: [Float]
    var best = 0
    var maximum = -Float.infinity
    var others: Float = 0
    var reciprocal: Float = 0
    var half: Float = 0

    init(_ logits: [Float]) {
      self.logits = logits
      for (index, logit) in logits.enumerated() where logit > maximum { (maximum, best) = (logit, index) }
      var ofBest: Float = 0
      for index in logits.indices {
        if index == best { ofBest = power(index) } else { others += power(index) }
      }
      let total = ofBest + others
      reciprocal = 1 / total
      half = 0.5 * naturalLogarithm(total).addingProduct(others - (total - 1), reciprocal)
    }

    func power(_ index: Int) -> Float { exponential(logits[index] == maximum ? 0 : logits[index] - maximum) }
    func share(_ index: Int) -> Float { power(index) * reciprocal }
    func rest(_ index: Int) -> Float { index == best ? others * reciprocal : 1 - share(index) }
    func halfInformation(_ index: Int) -> Float {
      half + (logits[index] == maximum ? 0 : 0.5 * maximum - 0.5 * logits[index])
    }
  }

  /// One event of `shapedCrossEntropy`.
  static func shapedCrossEntropy(
    logits: [Float], label: Int, weight: Float, _ shape: LossShape
  ) -> (gradient: [Float], loss: Float, isCorrect: Bool) {
    let shares = Shares(logits)
    let terms = logits.indices.map {
      term(share: shares.share($0), rest: shares.rest($0), half: shares.halfInformation($0), gamma: shape.gamma)
    }
    let isCorrect = !shares.reciprocal.isNaN && shares.best == label
    let target = { (index: Int) in index == label ? shape.own : shape.other }
    if shape.other == 0 {
      let slope = shape.own * terms[label].slope
      let gradient = logits.indices.map {
        ($0 == label ? shares.rest(label) * slope : (0 - shares.share($0)) * slope) * weight
      }
      return (gradient, shape.own * terms[label].half * weight * 2, isCorrect)
    }
    var (half, slopes): (Float, Float) = (0, 0)
    for index in logits.indices {
      half = half.addingProduct(target(index), terms[index].half)
      slopes = slopes.addingProduct(target(index), terms[index].slope)
    }
    let gradient = logits.indices.map { index in
      let slope = target(index) * terms[index].slope
      return (shares.rest(index) * slope).addingProduct(0 - shares.share(index), slopes - slope) * weight
    }
    return (gradient, half * weight * 2, isCorrect)
  }

  /// One event of `binaryCrossEntropy`.
  static func binaryCrossEntropy(
    logit: Float, label: Int, weight: Float, _ shape: LossShape
  ) -> (gradient: Float, loss: Float, isCorrect: Bool) {
    let decay = exponential(-logit.magnitude)
    let total = 1 + decay
    let larger = 1 / total
    let smaller = decay * larger
    let ofLarger = 0.5 * naturalLogarithm(total).addingProduct(decay - (total - 1), larger)
    let ofSmaller = ofLarger + 0.5 * logit.magnitude
    let isLarger = (label == 0 ? logit : -logit) >= 0
    let (share, rest) = isLarger ? (larger, smaller) : (smaller, larger)
    let own = term(share: share, rest: rest, half: isLarger ? ofLarger : ofSmaller, gamma: shape.gamma)
    var (half, slope) = (shape.own * own.half, shape.own * own.slope * rest)
    if shape.other != 0 {
      let other = term(share: rest, rest: share, half: isLarger ? ofSmaller : ofLarger, gamma: shape.gamma)
      half = half.addingProduct(shape.other, other.half)
      slope = slope.addingProduct(0 - share, shape.other * other.slope)
    }
    return (
      (label == 0 ? slope : 0 - slope) * weight, half * weight * 2, label == 0 ? logit >= 0 : logit < 0
    )
  }

  /// The bin of a score p ≤ ½, or of 1 − p ≤ ½ where p is above.
  static func scoreBin(_ smaller: Float, isUpper: Bool) -> UInt16 {
    let place = min(max(Int(smaller.bitPattern >> 14) - (64512 - 32767), 0), 32767)
    return UInt16(isUpper ? 65535 - place : place)
  }

  /// One event of `findScoreBins`.
  static func scoreBins(_ logits: [Float], columns: Int) -> [UInt16] {
    let shares = Shares(logits)
    return (0..<columns).map { index in
      let isUpper = index == shares.best && shares.others < 1
      return scoreBin(isUpper ? shares.others * shares.reciprocal : shares.share(index), isUpper: isUpper)
    }
  }
}
