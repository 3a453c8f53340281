import KernelOperands

/// Adam with decoupled weight decay by the formulas of Keras 3 (Kingma and Ba, ICLR 2015, end of section 2, whose ε̂ is the ε
/// here; Loshchilov and Hutter, ICLR 2019). The state buffers are the running means m of the gradient g and v of its square:
///
///     m = (m − (1 − β₁) · m) + (1 − β₁) · g
///     v = (v − (1 − β₂) · v) + ((1 − β₂) · g) · g
///     w = w − (m · rate / (√v + ε) + decay · w)
///
/// Multiply-adds are fused; every other operation, root and quotient among them, is rounded by itself. Keras writes
/// v + (1 − β₂) · (g² − v): where β₂ is small, a small g² after a large one is lost in that difference, and what remains is a
/// step m / ε, far too long. β₂ · v + (1 − β₂) · g² has two coefficients that do not add up to 1 once they are rounded, which
/// scales v by up to 2⁻²⁵ / (1 − β₂). Keras takes the decay off first and then moves: the same sum, with a rounding more, in
/// which a small decay of a large weight would be lost.
///
/// Means below 2⁻¹⁰⁰ become 0. Once a unit's gradients are 0, they would otherwise shrink to subnormal numbers and stay there,
/// which some processors process ten times as slowly. This changes √v + ε by less than 2⁻⁵⁰, and a step by less than 2⁻¹⁰⁰ / ε of
/// the learning rate: run files have an ε of 10⁻¹² at least.
///
/// v never becomes negative, as 1 − β₂ is at most 1. Where all gradients have been 0, as in the padding, m and v are 0, and 0 / ε
/// is.
struct AdamMove: ParameterMove {
  let coefficients: AdamCoefficients

  private static var leastMean: Float { 0x1p-100 }

  @inline(__always) func callAsFunction<Vector: RegisterVector>(
    _ parameter: UnsafeMutablePointer<Float>, _ state: UnsafeMutablePointer<Float>, _ stateStride: Int,
    _ gradient: Vector
  ) {
    // The caller owns the values at these pointers.
    let velocity = unsafe state + stateStride
    var m = unsafe Vector(at: state)
    var v = unsafe Vector(at: velocity)
    m.addProduct(Vector(repeating: -coefficients.momentumRate), m)
    m.addProduct(Vector(repeating: coefficients.momentumRate), gradient)
    v.addProduct(Vector(repeating: -coefficients.velocityRate), v)
    v.addProduct(Vector(repeating: coefficients.velocityRate).times(gradient), gradient)
    v = v.kept(from: Self.leastMean)
    m = m.kept(from: Self.leastMean)
    let divisor = v.squareRoots().plus(Vector(repeating: coefficients.epsilon))
    var step = m.times(Vector(repeating: coefficients.rate)).divided(by: divisor)
    let w = unsafe Vector(at: parameter)
    step.addProduct(Vector(repeating: coefficients.decay), w)
    unsafe m.store(at: state)
    unsafe v.store(at: velocity)
    unsafe w.minus(step).store(at: parameter)
  }
}
