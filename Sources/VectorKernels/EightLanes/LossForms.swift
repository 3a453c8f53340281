/// The contribution of one class to the losses of eight events, one per lane, as a function of its probability p.
protocol LossForm {
  /// - Parameters:
  ///   - share: p.
  ///   - rest: 1 − p, with a small relative error where it is small too.
  ///   - half: −½ ln p. Half of it, as −ln p of float32 logits may exceed float32.
  /// - Returns: half of the loss, and `slope` = p · dloss/dp, which is finite and at most 0.
  func term(share: Lanes, rest: Lanes, half: Lanes) -> (half: Lanes, slope: Lanes)
}

/// −ln p, of slope −1.
struct CrossEntropyForm: LossForm {
  @inline(__always) func term(share: Lanes, rest: Lanes, half: Lanes) -> (half: Lanes, slope: Lanes) {
    (half, Lanes(repeating: -1))
  }
}

/// (1 − p)^γ (−ln p), γ > 0, the focal loss of arXiv:1708.02002; with q = 1 − p its slope is −q^γ (1 + γ p (−ln p) / q).
///
/// Written so, nothing is 0 · ∞ or a difference of large numbers: (−ln p) / q lies between 1, which is its limit for q → 0, and −ln p,
/// and p · (−ln p) is at most 1/e. q^γ = e^(γ ln q) has a relative error of 2⁻²⁴ (|γ ln q| + 4) at most.
struct FocalForm: LossForm {
  private let gamma: Lanes

  init(gamma: Float) { self.gamma = Lanes(repeating: gamma) }

  @inline(__always) func term(share: Lanes, rest: Lanes, half: Lanes) -> (half: Lanes, slope: Lanes) {
    let factor = exponential(naturalLogarithm(rest) * gamma)
    // Where p is 0 its product with −ln p must be 0, which an infinity would spoil.
    let largest = Lanes(repeating: .greatestFiniteMagnitude)
    let finite = select(half .> largest, largest, half)
    let ratio = select(rest .== 0, Lanes(repeating: 0.5), finite / rest)
    let slope = Lanes(repeating: 1).addingProduct((gamma + gamma) * share, ratio)
    return (factor * half, -factor * slope)
  }
}
