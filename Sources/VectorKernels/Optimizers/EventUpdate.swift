extension ParameterUpdate {
  /// The step from the gradient of a single event (see `GradientSource.event`).
  @inline(__always) func apply<Move: ParameterMove, Scale: GradientScale>(
    _ move: Move, _ toMean: Scale, input: UnsafePointer<Float>, delta: UnsafePointer<Float>
  ) {
    if unsafe stride <= 64 {
      var column = 0
      while unsafe column &+ Register.width <= stride {
        unsafe applyToColumn(Register.self, column, move, toMean, input, delta)
        column &+= Register.width
      }
      if unsafe column < stride { unsafe applyToColumn(Lanes.self, column, move, toMean, input, delta) }
    } else {
      unsafe apply(move, toMean, rows: 0..<inputs + 1, input: input, delta: delta)
    }
  }

  /// The same for some rows, row by row, as a wide layer stands in memory.
  @inline(__always) func apply<Move: ParameterMove, Scale: GradientScale>(
    _ move: Move, _ toMean: Scale, rows: Range<Int>, input: UnsafePointer<Float>, delta: UnsafePointer<Float>
  ) {
    for row in rows {
      let x = unsafe row < inputs ? input[row] : 1
      let place = unsafe row &* stride
      var column = 0
      while unsafe column &+ Register.width <= stride {
        unsafe applyToVector(Register.self, place, x, column, move, toMean, delta)
        column &+= Register.width
      }
      if unsafe column < stride { unsafe applyToVector(Lanes.self, place, x, column, move, toMean, delta) }
    }
  }

  /// A column of vectors, whose deltas stay in a register.
  @inline(__always) private func applyToColumn<Vector: RegisterVector, Move: ParameterMove, Scale: GradientScale>(
    _: Vector.Type, _ column: Int, _ move: Move, _ toMean: Scale, _ input: UnsafePointer<Float>,
    _ delta: UnsafePointer<Float>
  ) {
    // The caller owns inputs + 1 rows.
    let deltas = unsafe Vector(at: delta + column)
    var parameter = unsafe parameters + column
    var value = unsafe state + column
    for row in unsafe 0..<inputs {
      unsafe move(parameter, value, stateStride, toMean(product(input[row], deltas)))
      unsafe parameter += stride
      unsafe value += stride
    }
    unsafe move(parameter, value, stateStride, toMean(product(1, deltas)))
  }

  /// One vector of a row that begins at `place`.
  @inline(__always) private func applyToVector<Vector: RegisterVector, Move: ParameterMove, Scale: GradientScale>(
    _: Vector.Type, _ place: Int, _ x: Float, _ column: Int, _ move: Move, _ toMean: Scale,
    _ delta: UnsafePointer<Float>
  ) {
    // The caller owns the row.
    let gradient = unsafe toMean(product(x, Vector(at: delta + column)))
    unsafe move(parameters + (place &+ column), state + (place &+ column), stateStride, gradient)
  }

  /// x · deltas, added to +0.
  @inline(__always) func product<Vector: RegisterVector>(_ x: Float, _ deltas: Vector) -> Vector {
    var product = Vector(repeating: 0)
    product.addProduct(Vector(repeating: x), deltas)
    return product
  }
}

/// What turns a sum over events into the mean: a type, so that the loops have no branch.
protocol GradientScale {
  func callAsFunction<Vector: RegisterVector>(_ gradient: Vector) -> Vector
}

/// For a sum that is the mean, bit for bit: that of an event without a weight.
struct Unscaled: GradientScale {
  @inline(__always) func callAsFunction<Vector: RegisterVector>(_ gradient: Vector) -> Vector { gradient }
}

/// For any other sum.
struct Scaled: GradientScale {
  let factor: Double

  @inline(__always) func callAsFunction<Vector: RegisterVector>(_ gradient: Vector) -> Vector {
    gradient.scaled(by: factor)
  }
}
