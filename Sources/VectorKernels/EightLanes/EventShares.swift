/// The probabilities of eight events, one per lane, by their logits, with small relative errors at both ends: of p where it is close
/// to 0, of 1 − p where p is close to 1, and of −ln p in both. It reads the logits and writes nothing.
///
/// Classes come in class order and no lane sees another. The largest logit's class has 1 − p = r / (1 + r) and −ln p = ln(1 + r),
/// where r is the sum of the other classes' exp(logit − maximum); the others are p and −ln p themselves. Equal logits get equal
/// shares, also where they are infinite. A NaN makes everything NaN in its lane.
struct EventShares {
  private var maximum = Lanes(repeating: -.infinity)
  /// The first class that has the largest logit.
  private(set) var best = Words()
  /// The sum of the others' exp(logit − maximum).
  private(set) var others = Lanes()
  /// 1 / (1 + `others`).
  private(set) var reciprocal: Lanes
  /// ½ ln(1 + `others`).
  private var half: Lanes

  /// `logits` has eight rows, `stride` floats apart, a multiple of 8.
  @inline(__always) init(logits: UnsafePointer<Float>, classes: Int, stride: Int) {
    // The caller owns eight rows there.
    reciprocal = Lanes()
    half = Lanes()
    unsafe forEachClass(of: logits, classes: classes, stride: stride) { logit, index in
      let isLarger = logit .> maximum
      maximum = select(isLarger, logit, maximum)
      best = select(isLarger, Words(repeating: index), best)
    }
    var ofBest = Lanes()
    unsafe forEachClass(of: logits, classes: classes, stride: stride) { logit, index in
      let power = power(logit)
      let isBest = best .== Words(repeating: index)
      ofBest = select(isBest, power, ofBest)
      others += select(isBest, Lanes(), power)
    }
    let total = ofBest + others
    reciprocal = 1 / total
    // What the sum lost is exact, and small beside it.
    let lost = others - (total - 1)
    half = 0.5 * (naturalLogarithm(total).addingProduct(lost, reciprocal))
  }

  /// Whether no logit was a NaN.
  @inline(__always) var isDefined: LaneMask { reciprocal .== reciprocal }

  /// exp(logit − maximum).
  @inline(__always) private func power(_ logit: Lanes) -> Lanes {
    // Where both are the same infinity the difference is 0, not NaN.
    exponential((logit - maximum).kept(where: logit .!= maximum))
  }

  /// p of a class by its logit.
  @inline(__always) func share(_ logit: Lanes) -> Lanes { power(logit) * reciprocal }

  /// 1 − p of a class of this p.
  @inline(__always) func rest(_ share: Lanes, isBest: LaneMask) -> Lanes {
    select(isBest, others * reciprocal, 1 - share)
  }

  /// −½ ln p of a class by its logit.
  @inline(__always) func halfInformation(_ logit: Lanes) -> Lanes {
    half + (0.5 * maximum - 0.5 * logit).kept(where: logit .!= maximum)
  }
}

/// Calls `body` with the logits of each class and its number, in order: eight rows, `stride` floats apart.
@inline(__always) func forEachClass(
  of logits: UnsafePointer<Float>, classes: Int, stride: Int, _ body: (_ logit: Lanes, _ index: Int32) -> Void
) {
  for column in Swift.stride(from: 0, to: classes, by: 4) {
    unsafe ClassQuad(at: logits + column, stride: stride)
      .forEach(classes - column) { body($0, Int32(truncatingIfNeeded: column) &+ $1) }
  }
}
