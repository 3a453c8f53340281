import KernelOperands
import Kernels
import Testing

/// The moves of all optimisers, from all sources, against their scalar twins to the bit.
@Suite(.everyKernelSet) struct OptimizerKernelsTests {
  /// Inputs and stride: partial and whole registers, and layers that are walked row by row.
  private static let shapes = [(7, 8), (3, 16), (15, 32), (4, 40), (2, 64), (3, 72), (1, 104)]
  private static let coefficients: [MoveCoefficients] = [
    .sgd(SGDCoefficients(learningRate: 0.1, momentum: 0.9, remaining: 0.99, nesterov: false)),
    .sgd(SGDCoefficients(learningRate: 0.1, momentum: 0.9, remaining: 0.99, nesterov: true)),
    .adam(AdamCoefficients(rate: 0.003, momentumRate: 0.1, velocityRate: 0.001, epsilon: 1e-7, decay: 4e-6)),
    .adam(AdamCoefficients(rate: 0.1, momentumRate: 1, velocityRate: 1, epsilon: 1e-12, decay: 0)),
  ]

  /// A layer with its state, and a gradient in every form that holds the same numbers.
  private struct Layer {
    let inputs: Int
    let stride: Int
    var parameters: [Float]
    /// Two buffers, one behind the other.
    var state: [Float]
    let input: [Float]
    let delta: [Float]
    let sums: [Double]
    let plain: [Float]
    var count: Int { parameters.count }

    init(inputs: Int, stride: Int) {
      (self.inputs, self.stride) = (inputs, stride)
      let count = (inputs + 1) * stride
      parameters = MatrixMultiplyTests.values(count, 1)
      // The running mean of squares is not negative. Some state, inputs and deltas are 0, others hardly more.
      state = MatrixMultiplyTests.values(count, 2) + MatrixMultiplyTests.values(count, 3).map { $0 * $0 }
      input = MatrixMultiplyTests.values(inputs, 4).enumerated().map { $0 == 1 ? 0 : $1 }
      delta = MatrixMultiplyTests.values(stride, 5).enumerated().map { $0 % 8 == 7 ? 0 : $0 % 8 == 5 ? $1 * 1e-30 : $1 }
      for index in state.indices where index % 5 == 4 { state[index] *= index % 2 == 0 ? 0 : 1e-32 }
      let delta = delta
      plain = (input + [1]).flatMap { x in delta.map { Float(0).addingProduct(x, $0) } }
      sums = plain.map { Double($0) }
    }

    /// Moves by every source in turn, each from the same start; returns the bits of parameters and state.
    func moved(_ move: (inout Layer, GradientSource) -> Void) -> [[UInt32]] {
      let sources = unsafe sums.withUnsafeBufferPointer { sums in
        unsafe plain.withUnsafeBufferPointer { plain in
          unsafe input.withUnsafeBufferPointer { input in
            unsafe delta.withUnsafeBufferPointer { delta -> [[UInt32]] in
              guard let sums = sums.baseAddress, let plain = plain.baseAddress, let input = input.baseAddress,
                let delta = delta.baseAddress
              else { return [] }
              let forms: [GradientSource] = unsafe [
                .gridSums(sums), .plainSums(plain), .event(input: input, delta: delta),
              ]
              return unsafe forms.map { source in
                var layer = self
                unsafe move(&layer, source)
                return (layer.parameters + layer.state).map(\.bitPattern)
              }
            }
          }
        }
      }
      return sources
    }

    /// The same by the twins.
    func twin(rows: Range<Int>, toMean: Double, penalty: Float?, _ coefficients: MoveCoefficients) -> [UInt32] {
      var layer = self
      for index in rows.lowerBound * stride..<rows.upperBound * stride {
        var g = Float(sums[index] * toMean)
        if let penalty { g.addProduct(penalty, layer.parameters[index]) }
        switch coefficients {
        case .sgd(let sgd): Reference.sgd(&layer.parameters[index], &layer.state[index], gradient: g, sgd)
        case .adam(let adam):
          var v = layer.state[layer.count + index]
          Reference.adam(&layer.parameters[index], &layer.state[index], &v, gradient: g, adam)
          layer.state[layer.count + index] = v
        }
      }
      return (layer.parameters + layer.state).map(\.bitPattern)
    }
  }

  @Test(arguments: coefficients.indices, [1, 0.37]) func movesFollowTheFormulas(move: Int, toMean: Double) {
    for (inputs, stride) in Self.shapes {
      let layer = Layer(inputs: inputs, stride: stride)
      let moved = unsafe layer.moved { layer, source in
        unsafe kernels.update(
          parameters: &layer.parameters, state: &layer.state, stateStride: layer.count, inputs: inputs, stride: stride,
          from: source, toMean: toMean, Self.coefficients[move])
      }
      let twin = layer.twin(rows: 0..<inputs + 1, toMean: toMean, penalty: nil, Self.coefficients[move])
      #expect(moved.count == 3 && moved.allSatisfy { $0 == twin }, "\(inputs) × \(stride)")
    }
  }

  /// Rows that are moved by themselves, with a penalty; the others stay.
  @Test(arguments: coefficients.indices, [Float(0), 0.02]) func rowsFollowTheFormulas(move: Int, penalty: Float) {
    for (inputs, stride) in Self.shapes {
      let layer = Layer(inputs: inputs, stride: stride)
      for rows in [0..<inputs, inputs..<inputs + 1] {
        let moved = unsafe layer.moved { layer, source in
          unsafe kernels.update(
            rows: rows, parameters: &layer.parameters, state: &layer.state, stateStride: layer.count, inputs: inputs,
            stride: stride, from: source, toMean: 0.37, penalty: penalty, Self.coefficients[move])
        }
        let twin = layer.twin(rows: rows, toMean: 0.37, penalty: penalty, Self.coefficients[move])
        #expect(moved.count == 3 && moved.allSatisfy { $0 == twin }, "\(inputs) × \(stride), rows \(rows)")
      }
    }
  }

  @Test(arguments: [0, 0.25]) func normsAreThoseOfTheTwin(penalty: Double) {
    for (inputs, stride) in Self.shapes {
      let layer = Layer(inputs: inputs, stride: stride)
      let norms = unsafe layer.moved { layer, source in
        let norm = unsafe kernels.squaredNorm(
          parameters: layer.parameters, rows: inputs + 1, inputs: inputs, stride: stride, from: source, toMean: 0.37,
          penalty: penalty)
        layer.parameters = []
        layer.state = [
          Float(bitPattern: UInt32(norm.bitPattern >> 32)),
          Float(bitPattern: UInt32(truncatingIfNeeded: norm.bitPattern)),
        ]
      }
      let twin = Reference.squaredNorm(
        layer.sums, layer.parameters, inputs: inputs, stride: stride, toMean: 0.37, penalty: penalty
      ).bitPattern
      let halves = [UInt32(twin >> 32), UInt32(truncatingIfNeeded: twin)]
      #expect(norms.count == 3 && norms.allSatisfy { $0 == halves }, "\(inputs) × \(stride)")
    }
  }

  /// Where gradients have always been 0, nothing moves, and nothing is NaN.
  @Test func aParameterWithoutGradientStays() {
    var (parameters, state) = ([Float](repeating: 0, count: 16), [Float](repeating: 0, count: 32))
    parameters[3] = 0.5
    let sums = [Double](repeating: 0, count: 16)
    unsafe sums.withUnsafeBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      unsafe kernels.update(
        parameters: &parameters, state: &state, stateStride: 16, inputs: 1, stride: 8, from: .gridSums(sums), toMean: 1,
        .adam(AdamCoefficients(rate: 0.1, momentumRate: 0.1, velocityRate: 0.001, epsilon: 1e-12, decay: 0)))
    }
    #expect(parameters == (0..<16).map { $0 == 3 ? 0.5 : 0 } && state.allSatisfy { $0 == 0 })
  }

  /// A unit whose gradients have ended leaves zeros behind and no subnormal numbers; NaN is not lost.
  @Test func meansEndAtZero() {
    var (parameters, state) = ([Float](repeating: 1, count: 8), [Float](repeating: 1, count: 16))
    state[6] = .nan
    let sums = [Float](repeating: 0, count: 8)
    let coefficients = AdamCoefficients(rate: 0, momentumRate: 0.1, velocityRate: 0.05, epsilon: 1e-7, decay: 0)
    var smallest = Float.infinity
    unsafe sums.withUnsafeBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      for _ in 0..<2000 {
        unsafe kernels.update(
          parameters: &parameters, state: &state, stateStride: 8, inputs: 0, stride: 8, from: .plainSums(sums),
          toMean: 1, .adam(coefficients))
        for value in state where value > 0 { smallest = min(smallest, value) }
      }
    }
    #expect(state.indices.allSatisfy { $0 == 6 ? state[$0].isNaN : state[$0] == 0 })
    #expect(smallest >= 0x1p-100 && smallest < 0x1p-96)
  }

  @Test(arguments: [8, 16, 24, 40]) func averagesFollowTheFormula(count: Int) {
    var average = MatrixMultiplyTests.values(count, 1)
    let values = MatrixMultiplyTests.values(count, 2)
    let twin = zip(average, values).map { $0.addingProduct(0.001, $1 - $0).bitPattern }
    unsafe values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      unsafe kernels.moveAverage(&average, towards: values, rate: 0.001, count: count)
    }
    #expect(average.map(\.bitPattern) == twin)
  }
}
