import KernelOperands
import Kernels

extension Worker {
  /// Takes a filled block of `rows` events forward and backward, and adds its gradient to the sums: on the grids with these
  /// exponents, or as it is where there are none (a step of one block).
  ///
  /// `firstPlace` is the place of the block's first event in the epoch's order.
  mutating func addGradient(
    _ network: borrowing Network, rows: Int, firstPlace: Int, grid exponents: [Int]?, gridBits: Int
  ) {
    let outputs = unsafe forward(network, rows: rows, firstPlace: firstPlace)
    unsafe finishLoss(outputs, network.specification, rows: rows)
    clock.lap(.forward)
    unsafe backward(from: outputs, network, rows: rows)
    clock.lap(.backward)
    if sums.reduction == .float32 { return addPlainGradient() }
    let isFirst = sums.gradientIsStale
    sums.gradientIsStale = false
    for (index, layer) in layout.layers.enumerated() {
      let values = unsafe gradient.pointer + layer.weights
      let sum = unsafe sums.values.pointer + layer.weights
      let exponent = exponents?[index] ?? 0
      let scale = Double(sign: .plus, exponent: exponent, significand: 1)
      let largest =
        switch (exponents == nil, isFirst) {
        case (true, true): unsafe kernels.setUnrounded(values, sums: sum, count: layer.range.count)
        case (true, false): unsafe kernels.accumulateUnrounded(values, into: sum, count: layer.range.count)
        case (false, true): unsafe kernels.setOnGrid(values, scale: scale, sums: sum, count: layer.range.count)
        case (false, false): unsafe kernels.accumulateOnGrid(values, scale: scale, into: sum, count: layer.range.count)
        }
      sums.note(largest: largest, layer: index, exponent: exponent, gridBits: gridBits)
    }
    clock.lap(.rounding)
  }

  /// Adds the gradient of a block to the sums in plain float32.
  private mutating func addPlainGradient() {
    let isFirst = sums.gradientIsStale
    sums.gradientIsStale = false
    // Both have the layout of the parameters.
    let largest =
      if isFirst {
        unsafe kernels.setPlain(gradient.pointer, sums: sums.floats.pointer, count: layout.count)
      } else {
        unsafe kernels.accumulatePlain(gradient.pointer, into: sums.floats.pointer, count: layout.count)
      }
    if largest >= Float.infinity.bitPattern { sums.countNonFinite() }
    clock.lap(.rounding)
  }

  /// From the gradient w.r.t. the outputs to the gradient w.r.t. all parameters.
  private func backward(from outputs: UnsafeMutablePointer<Float>, _ network: borrowing Network, rows: Int) {
    var delta = unsafe outputs
    var next = unsafe deltas.pointer + deltas.count / 2
    for (index, layer) in layout.layers.enumerated().reversed() {
      let byOutputs = unsafe delta
      if index < extras.count { unsafe delta = finishBackward(index, network, rows: rows, delta: delta) }
      let inputs = unsafe activations.pointer + inputOffsets[index]
      if index == layout.layers.count - 1 && layer.stride == 8 && layer.inputs >= 16 && rows >= 16 {
        unsafe narrowWeightGradient(layer, inputs: inputs, delta: delta, rows: rows)
      } else {
        unsafe kernels.multiply(
          MatrixProduct(
            rows: layer.inputs, columns: layer.stride, depth: rows,
            a: inputs, aRowStride: 1, aDepthStride: layer.inputStride, b: delta, bStride: layer.stride,
            initial: nil, c: gradient.pointer + layer.weights, cStride: layer.stride),
          finish: .none, scratch: scratch.pointer)
      }
      unsafe kernels.sumRows(
        rows: rows, columns: layer.stride, b: delta, bStride: layer.stride, c: gradient.pointer + layer.biases)
      guard index > 0 else { break }
      unsafe propagate(delta, through: index, network, rows: rows, skipped: byOutputs, to: next)
      unsafe delta = next
      unsafe next = byOutputs
    }
  }

  /// The gradient w.r.t. the weights of the last layer, inputsᵀ · delta, through its transpose: few outputs leave most lanes of a
  /// vector idle, deltaᵀ · inputs has the same chains of products and fills them.
  private func narrowWeightGradient(
    _ layer: ParameterLayout.Layer, inputs: UnsafePointer<Float>, delta: UnsafePointer<Float>, rows: Int
  ) {
    unsafe kernels.multiply(
      MatrixProduct(
        rows: layer.outputs, columns: layer.inputStride, depth: rows,
        a: delta, aRowStride: 1, aDepthStride: layer.stride, b: inputs, bStride: layer.inputStride,
        initial: nil, c: narrowGradient.pointer, cStride: layer.inputStride),
      finish: .none)
    unsafe kernels.transpose(
      rows: 8, columns: layer.inputs, a: narrowGradient.pointer, aStride: layer.inputStride,
      b: gradient.pointer + layer.weights, bStride: 8)
  }

  /// From the gradient w.r.t. the weighted sums of layer `index` to that w.r.t. the weighted sums of the layer before, (rows,
  /// inputStride); with extras as far as ``propagateThroughExtras(_:_:_:rows:skipped:to:)`` goes. `skipped` is the gradient
  /// w.r.t. the outputs of layer `index`, which counts where that has a skip connection.
  func propagate(
    _ delta: UnsafeMutablePointer<Float>, through index: Int, _ network: borrowing Network, rows: Int,
    skipped: UnsafeMutablePointer<Float>? = nil, to previous: UnsafeMutablePointer<Float>
  ) {
    if !extras.isEmpty {
      let skips = index < extras.count && extras[index].skip
      return unsafe propagateThroughExtras(
        delta, index, network, rows: rows, skipped: skips ? skipped : nil, to: previous)
    }
    let layer = layout.layers[index]
    let activation = network.specification.activation(after: index - 1)
    let outputs = unsafe activations.pointer + inputOffsets[index]
    unsafe multiplyByWeights(
      delta, of: layer, network, rows: rows,
      finish: activation == .relu ? .reluDerivative(output: outputs) : .none, to: previous)
    if activation != .relu {
      unsafe kernels.multiplyByDerivative(
        activation, gradient: previous, output: outputs, count: rows * layer.inputStride)
    }
  }

  /// From the gradient w.r.t. the weighted sums of a layer to that w.r.t. its inputs, delta · weights, (rows, inputStride);
  /// applies `finish`.
  @inline(__always) func multiplyByWeights(
    _ delta: UnsafePointer<Float>, of layer: ParameterLayout.Layer, _ network: borrowing Network, rows: Int,
    finish: ProductFinish, to previous: UnsafeMutablePointer<Float>
  ) {
    unsafe kernels.multiply(
      MatrixProduct(
        rows: rows, columns: layer.inputStride, depth: layer.outputs,
        a: delta, aRowStride: layer.stride, aDepthStride: 1,
        b: network.transposed.pointer + layer.transposed, bStride: layer.inputStride,
        initial: nil, c: previous, cStride: layer.inputStride),
      finish: finish, scratch: scratch.pointer)
  }
}
