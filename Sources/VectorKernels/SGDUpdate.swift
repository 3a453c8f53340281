public import KernelBasics

/// One step of SGD on `count` parameters (a multiple of 8) from summed gradients, by the formulas of Keras 3:
///
///     g = float32(sum · toMean)
///     w = remaining · w                                  (decoupled weight decay)
///     v = momentum · v − learningRate · g
///     w = w + v              or, with Nesterov,   w = w + momentum · v − learningRate · g
///
/// Multiply-adds are fused: v = fma(momentum, v, −(learningRate · g)), Nesterov w = fma(momentum, v, w − learningRate · g).
/// The arrays do not overlap.
public func updateSGD(
  parameters: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>,
  sums: UnsafePointer<Double>, count: Int, _ coefficients: SGDCoefficients
) {
  unsafe update(parameters, velocity, count, coefficients) { index in
    unsafe UnsafeRawPointer(sums + index).loadUnaligned(as: SIMD8<Double>.self)  // The caller owns `count` sums.
  }
}

/// The same step from sums in float32, which are widened first.
public func updateSGD(
  parameters: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>,
  plainSums sums: UnsafePointer<Float>, count: Int, _ coefficients: SGDCoefficients
) {
  unsafe update(parameters, velocity, count, coefficients) { index in widened(unsafe load(sums + index)) }
}

/// The step from the eight sums at each place.
@inline(__always)
private func update(
  _ parameters: UnsafeMutablePointer<Float>, _ velocity: UnsafeMutablePointer<Float>, _ count: Int,
  _ coefficients: SGDCoefficients, sums: (_ index: Int) -> SIMD8<Double>
) {
  let toMean = SIMD8<Double>(repeating: coefficients.toMean)
  func update(_ move: SGDMove<Lanes>) {
    for index in stride(from: 0, to: count, by: 8) {
      // The caller owns `count` values in each array.
      unsafe move(parameters + index, velocity + index, narrowed(sums(index) * toMean))
    }
  }
  // A constant in each loop, so that it has no branch.
  if coefficients.nesterov {
    update(SGDMove(coefficients, nesterov: true))
  } else {
    update(SGDMove(coefficients, nesterov: false))
  }
}

/// The same step on a dense layer from the gradient of a single event, which is never stored: weight (i, o) has the
/// gradient inputs[i] · delta[o], bias o has delta[o].
///
/// - Parameters:
///   - parameters: (inputs + 1, stride), the biases last. `velocity` has the same shape.
///   - input: (inputs), what the event gives into the layer.
///   - delta: (stride), the gradient of the loss by the layer's outputs; padding is zero.
///   - stride: A multiple of 8.
///
/// Products are added to +0, as sums of one term are: a negative zero becomes positive. The bits are those of the
/// gradient's way through `multiply`, `accumulateUnrounded` and `updateSGD`.
public func updateSGD(
  parameters: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>,
  input: UnsafePointer<Float>, inputs: Int, delta: UnsafePointer<Float>, stride: Int, _ coefficients: SGDCoefficients
) {
  let layer = unsafe LayerUpdate(
    parameters: parameters, velocity: velocity, input: input, inputs: inputs, delta: delta, stride: stride,
    coefficients: coefficients)
  // Without event weights the sum is the mean, bit for bit.
  switch (coefficients.nesterov, coefficients.toMean == 1) {
  case (false, true): unsafe layer.update(nesterov: false, isMean: true)
  case (false, false): unsafe layer.update(nesterov: false, isMean: false)
  case (true, true): unsafe layer.update(nesterov: true, isMean: true)
  case (true, false): unsafe layer.update(nesterov: true, isMean: false)
  }
}

/// The operands of an update from a single event.
@unsafe private struct LayerUpdate {
  let parameters: UnsafeMutablePointer<Float>
  let velocity: UnsafeMutablePointer<Float>
  let input: UnsafePointer<Float>
  let inputs: Int
  let delta: UnsafePointer<Float>
  let stride: Int
  let coefficients: SGDCoefficients

  /// Both conditions are constants where this is called, so that the loops have no branches.
  @inline(__always) func update(nesterov: Bool, isMean: Bool) {
    let move = unsafe SGDMove<Register>(coefficients, nesterov: nesterov)
    let shortMove = unsafe SGDMove<Lanes>(coefficients, nesterov: nesterov)
    if unsafe stride <= 64 {
      var column = 0
      while unsafe column &+ Register.width <= stride {
        unsafe updateColumn(column, move, isMean)
        column &+= Register.width
      }
      if unsafe column < stride { unsafe updateColumn(column, shortMove, isMean) }
    } else {
      // Row by row, as a wide layer stands in memory.
      for row in unsafe 0...inputs {
        let x = unsafe row < inputs ? input[row] : 1
        let place = unsafe row &* stride
        var column = 0
        while unsafe column &+ Register.width <= stride {
          unsafe update(place, x, column, move, isMean)
          column &+= Register.width
        }
        if unsafe column < stride { unsafe update(place, x, column, shortMove, isMean) }
      }
    }
  }

  /// A column of vectors, whose deltas stay in a register.
  @inline(__always) private func updateColumn<Vector: RegisterVector>(
    _ column: Int, _ move: SGDMove<Vector>, _ isMean: Bool
  ) {
    // The caller owns inputs + 1 rows.
    let deltas = unsafe Vector(at: delta + column)
    var parameter = unsafe parameters + column
    var speed = unsafe velocity + column
    for row in unsafe 0..<inputs {
      unsafe move(parameter, speed, gradient(input[row], deltas, isMean, move.toMean))
      unsafe parameter += stride
      unsafe speed += stride
    }
    unsafe move(parameter, speed, gradient(1, deltas, isMean, move.toMean))
  }

  /// One vector of a row that begins at `place`.
  @inline(__always) private func update<Vector: RegisterVector>(
    _ place: Int, _ x: Float, _ column: Int, _ move: SGDMove<Vector>, _ isMean: Bool
  ) {
    // The caller owns the row.
    let gradient = unsafe gradient(x, Vector(at: delta + column), isMean, move.toMean)
    unsafe move(parameters + (place &+ column), velocity + (place &+ column), gradient)
  }

  @inline(__always)
  private func gradient<Vector: RegisterVector>(
    _ x: Float, _ deltas: Vector, _ isMean: Bool, _ toMean: Double
  ) -> Vector {
    var gradient = Vector(repeating: 0)
    gradient.addProduct(Vector(repeating: x), deltas)
    return isMean ? gradient : gradient.scaled(by: toMean)
  }
}

/// The formulas of `updateSGD` for as many parameters as a vector has lanes.
private struct SGDMove<Vector: RegisterVector> {
  let negativeRate: Vector
  let momentum: Vector
  let remaining: Vector
  let toMean: Double
  let nesterov: Bool

  /// `nesterov` is that of the coefficients, as a constant.
  @inline(__always) init(_ coefficients: SGDCoefficients, nesterov: Bool) {
    negativeRate = Vector(repeating: -coefficients.learningRate)
    momentum = Vector(repeating: coefficients.momentum)
    remaining = Vector(repeating: coefficients.remaining)
    toMean = coefficients.toMean
    self.nesterov = nesterov
  }

  @inline(__always) func callAsFunction(
    _ parameter: UnsafeMutablePointer<Float>, _ velocity: UnsafeMutablePointer<Float>, _ gradient: Vector
  ) {
    // The caller owns the values at both pointers.
    let move = negativeRate.times(gradient)
    var v = move
    unsafe v.addProduct(momentum, Vector(at: velocity))
    var w = unsafe Vector(at: parameter).times(remaining).plus(nesterov ? move : v)
    if nesterov { w.addProduct(momentum, v) }
    unsafe v.store(at: velocity)
    unsafe w.store(at: parameter)
  }
}
