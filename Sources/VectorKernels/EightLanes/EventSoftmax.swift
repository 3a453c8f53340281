/// Softmax of eight events, one per lane. Classes come in class order and no lane sees another, so an event's bits
/// depend on that event alone.
///
/// Equal logits get equal shares, also where they are infinite: a single +∞ takes all, which is the limit. A NaN
/// makes `total` NaN, and with it every share of its lane.
struct EventSoftmax {
  /// The largest logit seen.
  private var maximum = Lanes(repeating: -.infinity)
  /// The first class that has it.
  private(set) var best = Words()
  /// Σ exp(logit − maximum).
  private(set) var total = Lanes()

  /// Takes the softmax of the first `classes` columns of eight rows.
  ///
  /// - Parameters:
  ///   - logits: The first row; rows are `stride` floats apart, a multiple of 8.
  ///   - shares: Where the result goes, laid out like `logits`, which it may be; padding columns become 0.
  ///   - visit: Called once per class with logit − maximum, at most 0.
  ///   - share: Turns exp(logit − maximum) and the reciprocal of the total into what is written for a class.
  @inline(__always) init(
    logits: UnsafePointer<Float>, classes: Int, stride: Int, shares: UnsafeMutablePointer<Float>,
    visit: (_ belowMaximum: Lanes, _ index: Int32) -> Void,
    share: (_ power: Lanes, _ reciprocal: Lanes, _ index: Int32) -> Lanes
  ) {
    // The caller owns eight rows of `stride` floats at both pointers.
    if classes <= 4 {
      // The usual small network: everything stays in registers.
      let quad = unsafe ClassQuad(at: logits, stride: stride)
      quad.forEach(classes) { see($0, $1) }
      let powers = quad.map(classes) { power($0, $1, visit) }
      let reciprocal = 1 / total
      unsafe powers.map(classes) { share($0, reciprocal, $1) }.store(at: shares, stride: stride)
    } else {
      for column in Swift.stride(from: 0, to: classes, by: 4) {
        unsafe ClassQuad(at: logits + column, stride: stride)
          .forEach(classes - column) { see($0, Int32(truncatingIfNeeded: column) &+ $1) }
      }
      for column in Swift.stride(from: 0, to: classes, by: 4) {
        unsafe ClassQuad(at: logits + column, stride: stride)
          .map(classes - column) { power($0, Int32(truncatingIfNeeded: column) &+ $1, visit) }
          .store(at: shares + column, stride: stride)
      }
      let reciprocal = 1 / total
      for column in Swift.stride(from: 0, to: classes, by: 4) {
        unsafe ClassQuad(at: shares + column, stride: stride)
          .map(classes - column) { share($0, reciprocal, Int32(truncatingIfNeeded: column) &+ $1) }
          .store(at: shares + column, stride: stride)
      }
    }
    for column in Swift.stride(from: (classes + 3) & ~3, to: stride, by: 4) {
      unsafe ClassQuad.zero.store(at: shares + column, stride: stride)
    }
  }

  @inline(__always) private mutating func see(_ logit: Lanes, _ index: Int32) {
    let isLarger = logit .> maximum
    maximum = select(isLarger, logit, maximum)
    best = select(isLarger, Words(repeating: index), best)
  }

  @inline(__always) private mutating func power(
    _ logit: Lanes, _ index: Int32, _ visit: (Lanes, Int32) -> Void
  ) -> Lanes {
    // Where both are the same infinity the difference is 0, not NaN.
    let belowMaximum = (logit - maximum).kept(where: logit .!= maximum)
    visit(belowMaximum, index)
    let power = exponential(belowMaximum)
    total += power
    return power
  }
}
