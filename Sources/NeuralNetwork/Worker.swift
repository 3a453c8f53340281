internal import KernelBasics
internal import Kernels

/// What one thread needs to take blocks through the network: scratch for a block's activations and gradients, and its
/// own sums. Worker w touches nothing of worker v.
struct Worker: ~Copyable {
  let layout: ParameterLayout
  let kernels = KernelSet.chosen
  /// Input matrix of each dense layer, (rows, inputStride), one behind the other; the features of the block come first.
  let activations: AlignedBuffer<Float>
  /// Offset of each dense layer's input matrix in `activations`.
  let inputOffsets: [Int]
  /// The gradient by a layer's outputs and by its inputs take turns here, each (rows, stride) of the widest layer.
  let deltas: AlignedBuffer<Float>
  /// The gradient by the outputs of every layer but the last for a single event, and where each layer's begins.
  let eventDeltas: AlignedBuffer<Float>
  let eventDeltaOffsets: [Int]
  /// The gradient of one block, in the layout of the parameters.
  let gradient: AlignedBuffer<Float>
  /// The weight gradient of the last layer, if it has up to eight outputs, transposed to (8, inputStride); rows beyond the
  /// outputs stay zero.
  let narrowGradient: AlignedBuffer<Float>
  /// Where wide products are packed.
  let scratch: AlignedBuffer<Float>
  var labels: AlignedBuffer<Int32>
  var weights: AlignedBuffer<Float>
  let losses: AlignedBuffer<Float>
  let predictions: AlignedBuffer<Int32>
  /// The sums over the blocks this worker has seen.
  var sums: StepSums
  /// Measures the phases of a step where somebody wants to know.
  var clock = PhaseClock(cost: nil)
  /// Whether it has seen a block of the current step.
  var hasPart = false
  /// Most events in a block.
  let capacity: Int

  init(layout: ParameterLayout, capacity: Int, confusionClasses: Int, training: Bool, reduction: Reduction) {
    self.layout = layout
    self.capacity = capacity
    let rows = (capacity + 15) & ~15  // The softmax wants that many.
    var offsets: [Int] = []
    var total = 0
    for layer in layout.layers {
      offsets.append(total)
      total += rows * layer.inputStride
    }
    inputOffsets = offsets
    let widest = layout.layers.map { max($0.stride, $0.inputStride) }.reduce(8, max)
    activations = AlignedBuffer(count: total)
    deltas = AlignedBuffer(count: 2 * rows * widest)
    eventDeltaOffsets = layout.layers.indices.map { layout.layers[..<$0].reduce(0) { $0 + $1.stride } }
    eventDeltas = AlignedBuffer(count: training ? layout.layers.reduce(0) { $0 + $1.stride } : 0)
    gradient = AlignedBuffer(count: training ? layout.count : 0)
    let last = layout.layers[layout.layers.count - 1]
    narrowGradient = AlignedBuffer(count: training && last.stride == 8 ? 8 * last.inputStride : 0)
    scratch = AlignedBuffer(
      count: layout.layers.reduce(0) { [kernels] largest, layer in
        let forward = kernels.scratchOfProduct(rows: capacity, columns: layer.stride, depth: layer.inputs)
        guard training else { return max(largest, forward) }
        // A shorter block has a shorter depth, and so no larger scratch.
        let byWeights = kernels.scratchOfProduct(rows: layer.inputs, columns: layer.stride, depth: capacity)
        let byInputs = kernels.scratchOfProduct(rows: capacity, columns: layer.inputStride, depth: layer.outputs)
        return max(largest, forward, byWeights, byInputs)
      })
    labels = AlignedBuffer(count: rows)
    weights = AlignedBuffer(count: rows)
    losses = AlignedBuffer(count: rows)
    predictions = AlignedBuffer(count: training ? 0 : rows)
    sums = StepSums(
      gradientCount: training ? layout.count : 0, layers: training ? layout.layers.count : 0,
      confusionClasses: confusionClasses, reduction: reduction)
  }

  /// Logits of the block, at the start of `deltas`: (rows, stride of the last layer).
  func forward(_ network: borrowing Network, rows: Int) -> UnsafeMutablePointer<Float> {
    let last = layout.layers.count - 1
    for (index, layer) in layout.layers.enumerated() {
      let inputs = unsafe activations.pointer + inputOffsets[index]
      let activation = network.specification.activation(after: index).kernel
      let outputs = unsafe index < last ? activations.pointer + inputOffsets[index + 1] : deltas.pointer
      unsafe kernels.multiply(
        MatrixProduct(
          rows: rows, columns: layer.stride, depth: layer.inputs,
          a: inputs, aRowStride: layer.inputStride, aDepthStride: 1,
          b: network.parameters.pointer + layer.weights, bStride: layer.stride,
          initial: network.parameters.pointer + layer.biases, c: outputs, cStride: layer.stride),
        finish: activation == .relu ? .relu : .none, scratch: scratch.pointer)
      if activation != .relu { unsafe kernels.activate(activation, outputs, count: rows * layer.stride) }
    }
    return unsafe deltas.pointer
  }

  /// Takes a filled block of `rows` events forward and backward, and adds its gradient to the sums: on the grids with these
  /// exponents, or as it is where there are none (a step of one block).
  mutating func addGradient(_ network: borrowing Network, rows: Int, grid exponents: [Int]?, gridBits: Int) {
    let logits = unsafe forward(network, rows: rows)
    unsafe finishLoss(logits, network, rows: rows)
    clock.lap(.forward)
    unsafe backward(from: logits, network, rows: rows)
    clock.lap(.backward)
    if sums.reduction == .float32 { return addPlainGradient() }
    let isFirst = sums.awaitsGradient
    sums.awaitsGradient = false
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

  /// Takes the one event of a filled block forward and backward to the gradients by the layers' outputs, and counts it.
  mutating func backpropagateEvent(_ network: borrowing Network) {
    sums.resetStatistics()
    let logits = unsafe forward(network, rows: 1)
    unsafe finishLoss(logits, network, rows: 1)
    clock.lap(.forward)
    var isFinite = true
    for index in stride(from: layout.layers.count - 1, through: 0, by: -1) {
      let layer = layout.layers[index]
      let delta = unsafe eventDelta(index)
      let inputs = unsafe activations.pointer + inputOffsets[index]
      // The largest product of an input (or the bias's 1) and a delta is the product of the largest ones.
      let input = unsafe max(kernels.largestMagnitude(inputs, count: layer.inputStride), Float(1).bitPattern)
      let largest =
        unsafe Float(bitPattern: input) * Float(bitPattern: kernels.largestMagnitude(delta, count: layer.stride))
      isFinite = isFinite && largest.isFinite
      if index > 0 {
        unsafe propagate(
          delta, through: index, network, rows: 1, to: eventDeltas.pointer + eventDeltaOffsets[index - 1])
      }
    }
    if !isFinite { sums.countNonFinite() }
    clock.lap(.backward)
  }

  /// The gradient by the outputs of a layer after ``backpropagateEvent(_:)``.
  func eventDelta(_ index: Int) -> UnsafeMutablePointer<Float> {
    unsafe index == layout.layers.count - 1 ? deltas.pointer : eventDeltas.pointer + eventDeltaOffsets[index]
  }

  /// Counts loss and hits of a filled block of `rows` events, and its confusion matrix.
  mutating func addEvaluation(_ network: borrowing Network, rows: Int) {
    let logits = unsafe forward(network, rows: rows)
    let classes = network.specification.classes
    let stride = layout.layers[layout.layers.count - 1].stride
    unsafe kernels.argMax(rows: rows, classes: classes, scores: logits, stride: stride, indices: predictions.pointer)
    // An event with a NaN has no prediction, and makes the loss NaN.
    for row in 0..<rows where predictions[row] >= 0 {
      sums.countConfusion(truth: Int(labels[row]), prediction: Int(predictions[row]))
    }
    unsafe finishLoss(logits, network, rows: rows)
  }

  /// Turns logits into the gradient by the logits and counts the block's loss, weight and hits.
  private mutating func finishLoss(_ logits: UnsafeMutablePointer<Float>, _ network: borrowing Network, rows: Int) {
    let stride = layout.layers[layout.layers.count - 1].stride
    let correct = unsafe kernels.softmaxCrossEntropy(
      rows: rows, classes: network.specification.classes, logits: logits, stride: stride,
      labels: labels.pointer, weights: weights.pointer, gradient: logits, losses: losses.pointer)
    // One chain of additions in the order of the events.
    var loss = 0.0
    var weight = 0.0
    for row in 0..<rows {
      unsafe loss += Double(losses.pointer[row])
      unsafe weight += Double(weights.pointer[row])
    }
    sums.count(events: rows, correct: correct, loss: loss, weight: weight)
  }

  /// From the gradient by the logits to the gradient by all parameters.
  private func backward(from logits: UnsafeMutablePointer<Float>, _ network: borrowing Network, rows: Int) {
    var delta = unsafe logits
    var next = unsafe deltas.pointer + deltas.count / 2
    for (index, layer) in layout.layers.enumerated().reversed() {
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
      unsafe propagate(delta, through: index, network, rows: rows, to: next)
      unsafe swap(&delta, &next)
    }
  }

  /// The gradient by the weights of the last layer, inputsᵀ · delta, by way of its transpose: few outputs leave most lanes of a
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

  /// From the gradient by the outputs of layer `index` to that by the outputs of the layer before, (rows, inputStride).
  private func propagate(
    _ delta: UnsafeMutablePointer<Float>, through index: Int, _ network: borrowing Network, rows: Int,
    to previous: UnsafeMutablePointer<Float>
  ) {
    let layer = layout.layers[index]
    let activation = network.specification.activation(after: index - 1).kernel
    let outputs = unsafe activations.pointer + inputOffsets[index]
    unsafe kernels.multiply(
      MatrixProduct(
        rows: rows, columns: layer.inputStride, depth: layer.outputs,
        a: delta, aRowStride: layer.stride, aDepthStride: 1,
        b: network.transposed.pointer + layer.transposed, bStride: layer.inputStride,
        initial: nil, c: previous, cStride: layer.inputStride),
      finish: activation == .relu ? .reluDerivative(output: outputs) : .none, scratch: scratch.pointer)
    if activation != .relu {
      unsafe kernels.multiplyByDerivative(
        activation, gradient: previous, output: outputs, count: rows * layer.inputStride)
    }
  }
}

extension Activation {
  /// The kernel that computes it.
  var kernel: ActivationKind {
    switch self {
    case .relu: .relu
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .linear: .linear
    }
  }
}
