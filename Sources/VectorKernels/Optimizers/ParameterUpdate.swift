public import KernelOperands

/// One step of an optimiser on the parameters of a dense layer by their mean gradient g = float32(gradient · toMean).
///
/// - Parameters:
///   - parameters: (inputs + 1, stride), the biases last; `stride` is a multiple of 8.
///   - state: The values of the first state buffer, in the shape of the parameters; those of the next one are `stateStride`
///     further. Nothing overlaps.
///   - toMean: 1 / (grid scale · events of the step · mean weight of the training events).
///
/// The bits are the same whichever way the gradient comes: sums in float32 are widened first, and a single event's products
/// are added to +0, as sums of one term are: a negative zero becomes positive.
public func update(
  parameters: UnsafeMutablePointer<Float>, state: UnsafeMutablePointer<Float>, stateStride: Int, inputs: Int,
  stride: Int, from source: GradientSource, toMean: Double, _ coefficients: MoveCoefficients
) {
  let update = unsafe ParameterUpdate(
    parameters: parameters, state: state, stateStride: stateStride, inputs: inputs, stride: stride)
  switch coefficients {
  case .sgd(let sgd):
    if sgd.nesterov {
      unsafe update.apply(NesterovMove(coefficients: sgd), source, toMean)
    } else {
      unsafe update.apply(SGDMove(coefficients: sgd), source, toMean)
    }
  case .adam(let adam): unsafe move(update, by: adam, source, toMean)
  }
}

/// Out of line: its loops would make the frame of SGD's larger, which a step of a single event sets up once a layer.
@inline(never)
private func move(
  _ update: ParameterUpdate, by adam: AdamCoefficients, _ source: GradientSource, _ toMean: Double
) {
  unsafe update.apply(AdamMove(coefficients: adam), source, toMean)
}

/// The same for some rows of the layer, with an L2 penalty: g + penalty · w, rounded once, takes the place of g.
///
/// Row `inputs` and the rows after it are not weights. Rows are moved in the order of memory.
public func update(
  rows: Range<Int>, parameters: UnsafeMutablePointer<Float>, state: UnsafeMutablePointer<Float>, stateStride: Int,
  inputs: Int, stride: Int, from source: GradientSource, toMean: Double, penalty: Float,
  _ coefficients: MoveCoefficients
) {
  let update = unsafe ParameterUpdate(
    parameters: parameters, state: state, stateStride: stateStride, inputs: inputs, stride: stride)
  switch coefficients {
  case .sgd(let sgd):
    if sgd.nesterov {
      unsafe update.apply(PenalizedMove(move: NesterovMove(coefficients: sgd), penalty: penalty), source, toMean, rows)
    } else {
      unsafe update.apply(PenalizedMove(move: SGDMove(coefficients: sgd), penalty: penalty), source, toMean, rows)
    }
  case .adam(let adam):
    unsafe update.apply(PenalizedMove(move: AdamMove(coefficients: adam), penalty: penalty), source, toMean, rows)
  }
}

/// The operands of an update by any move.
@unsafe struct ParameterUpdate {
  let parameters: UnsafeMutablePointer<Float>
  let state: UnsafeMutablePointer<Float>
  let stateStride: Int
  let inputs: Int
  let stride: Int

  @inline(__always)
  fileprivate func apply<Move: ParameterMove>(_ move: Move, _ source: GradientSource, _ toMean: Double) {
    // The caller owns a sum for every parameter, or the layer's inputs and deltas.
    switch unsafe source {
    case .gridSums(let sums):
      unsafe apply(move, toMean, 0..<inputs + 1) { index in
        unsafe UnsafeRawPointer(sums + index).loadUnaligned(as: SIMD8<Double>.self)
      }
    case .plainSums(let sums):
      unsafe apply(move, toMean, 0..<inputs + 1) { index in widened(unsafe load(sums + index)) }
    case .event(let input, let delta):
      if toMean == 1 {
        unsafe apply(move, Unscaled(), input: input, delta: delta)
      } else {
        unsafe apply(move, Scaled(factor: toMean), input: input, delta: delta)
      }
    }
  }

  /// The step of some rows.
  @inline(__always) fileprivate func apply<Move: ParameterMove>(
    _ move: Move, _ source: GradientSource, _ toMean: Double, _ rows: Range<Int>
  ) {
    // As above.
    switch unsafe source {
    case .gridSums(let sums):
      unsafe apply(move, toMean, rows) { index in
        unsafe UnsafeRawPointer(sums + index).loadUnaligned(as: SIMD8<Double>.self)
      }
    case .plainSums(let sums): unsafe apply(move, toMean, rows) { index in widened(unsafe load(sums + index)) }
    case .event(let input, let delta):
      unsafe apply(move, Scaled(factor: toMean), rows: rows, input: input, delta: delta)
    }
  }

  /// The step of some rows from the eight sums at each place.
  @inline(__always) private func apply<Move: ParameterMove>(
    _ move: Move, _ toMean: Double, _ rows: Range<Int>, sums: (_ index: Int) -> SIMD8<Double>
  ) {
    let toMean = SIMD8<Double>(repeating: toMean)
    let places = unsafe rows.lowerBound * stride..<rows.upperBound * stride
    for index in Swift.stride(from: places.lowerBound, to: places.upperBound, by: 8) {
      // The caller owns as many values in each array.
      unsafe move(parameters + index, state + index, stateStride, narrowed(sums(index) * toMean))
    }
  }
}
