import KernelOperands
import Kernels

/// What one thread needs to process blocks: scratch for a block's activations and gradients, and its
/// own sums. Worker w touches nothing of worker v.
struct Worker: ~Copyable {
  let layout: ParameterLayout
  let kernels = KernelSet.chosen
  /// Input matrix of each dense layer, (rows, inputStride), one after the other; the features of the block come first.
  let activations: AlignedBuffer<Float>
  /// Offset of each dense layer's input matrix in `activations`.
  let inputOffsets: [Int]
  /// The gradients w.r.t. a layer's outputs and w.r.t. its inputs alternate here, each (rows, stride) of the widest layer.
  let deltas: AlignedBuffer<Float>
  /// The gradient w.r.t. the outputs of every layer but the last for a single event, and where each layer's begins.
  let eventDeltas: AlignedBuffer<Float>
  let eventDeltaOffsets: [Int]
  /// The gradient of one block, in the layout of the parameters.
  let gradient: AlignedBuffer<Float>
  /// The weight gradient of the last layer, if it has up to eight outputs, transposed to (8, inputStride); rows beyond the
  /// outputs stay zero.
  let narrowGradient: AlignedBuffer<Float>
  /// Where wide products are packed.
  let scratch: AlignedBuffer<Float>
  /// What the hidden layers do besides products and plain activations; empty where none does, so that a plain network pays a branch.
  let extras: [LayerExtras]
  /// What that leaves behind for the backward pass.
  let extraScratch: AlignedBuffer<Float>
  /// The gradient w.r.t. the weighted sums of a layer with a skip connection, (rows, stride), beside that w.r.t. its outputs in
  /// `deltas`.
  let skipDeltas: AlignedBuffer<Float>
  /// The keys of the dropout's masks in this epoch: of the inputs, then of each hidden layer.
  var dropoutStreams: [UInt64] = []
  let labels: AlignedBuffer<Int32>
  let weights: AlignedBuffer<Float>
  /// A weight of 1 for every row, in evaluations.
  let ones: AlignedBuffer<Float>
  let losses: AlignedBuffer<Float>
  let predictions: AlignedBuffer<Int32>
  /// The range of each class's scores in an evaluation that measures them.
  var scoreRanges: [ScoreRange] = []
  /// The sums over the blocks this worker has seen.
  var sums: StepSums
  /// Times the phases of a step if requested.
  var clock = PhaseClock(cost: nil)
  /// Whether it has seen a block of the current step.
  var hasWork = false
  /// Most events in a block.
  let capacity: Int

  init(layout: ParameterLayout, capacity: Int, confusionClasses: Int, training: Bool, reduction: Reduction) {
    self.layout = layout
    self.capacity = capacity
    let rows = (capacity + 15) & ~15  // The softmax needs that many.
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
    let extras = LayerExtras.plan(layout, rows: rows)
    self.extras = extras.layers
    extraScratch = AlignedBuffer(count: extras.scratch)
    skipDeltas = AlignedBuffer(count: training && extras.layers.contains(where: \.skip) ? rows * widest : 0)
    labels = AlignedBuffer(count: rows)
    weights = AlignedBuffer(count: rows)
    ones = AlignedBuffer(count: training ? 0 : rows)
    for row in 0..<ones.count { unsafe ones.pointer[row] = 1 }  // Inside.
    losses = AlignedBuffer(count: rows)
    predictions = AlignedBuffer(count: training ? 0 : rows)
    sums = StepSums(
      gradientCount: training ? layout.count : 0, layers: training ? layout.layers.count : 0,
      confusionClasses: confusionClasses, reduction: reduction)
  }

  /// Starts this worker's part of a step.
  mutating func beginStep() {
    hasWork = true
    clock.start()
    sums.reset()
    clock.lap(.rounding)
  }

  /// Lets `fill` fill the block with this number; returns how many events it has.
  mutating func load(_ block: Int, _ fill: GradientEngine.Fill) -> Int {
    // Three buffers of one worker at once: exclusive by construction, which the compiler cannot see through one `self`.
    var features = unsafe MutableSpan(
      _unsafeStart: activations.pointer, count: capacity * layout.layers[0].inputStride)
    var labels = unsafe MutableSpan(_unsafeStart: self.labels.pointer, count: capacity)
    var weights = unsafe MutableSpan(_unsafeStart: self.weights.pointer, count: capacity)
    let rows = fill(block, &features, &labels, &weights)
    clock.lap(.gather)
    precondition(rows > 0 && rows <= capacity, "a block of \(rows) events")
    return rows
  }

  /// The outputs of the block's events before the activation of the objective (logits), at the start of `deltas`: (rows, stride of the last layer).
  ///
  /// `firstPlace` is the place of the block's first event in the epoch's order, for dropout; nil: nothing is left out.
  func forward(_ network: borrowing Network, rows: Int, firstPlace: Int? = nil) -> UnsafeMutablePointer<Float> {
    let last = layout.layers.count - 1
    let hasExtras = !extras.isEmpty || layout.inputDropout > 0
    if hasExtras, let firstPlace { dropInputs(rows: rows, firstPlace: firstPlace) }
    for (index, layer) in layout.layers.enumerated() {
      let inputs = unsafe activations.pointer + inputOffsets[index]
      let activation = network.specification.activation(after: index)
      let outputs = unsafe index < last ? activations.pointer + inputOffsets[index + 1] : deltas.pointer
      unsafe kernels.multiply(
        MatrixProduct(
          rows: rows, columns: layer.stride, depth: layer.inputs,
          a: inputs, aRowStride: layer.inputStride, aDepthStride: 1,
          b: network.parameters.pointer + layer.weights, bStride: layer.stride,
          initial: network.parameters.pointer + layer.biases, c: outputs, cStride: layer.stride),
        finish: activation == .relu && !layer.hasNorm ? .relu : .none, scratch: scratch.pointer)
      if hasExtras && index < last {
        unsafe finishForward(index, network, rows: rows, firstPlace: firstPlace, outputs: outputs)
      } else if activation != .relu {
        unsafe kernels.activate(activation, outputs, count: rows * layer.stride)
      }
    }
    return unsafe deltas.pointer
  }

  /// Counts losses and hits of a filled block of `rows` events, and its confusion matrix; notes its scores where asked, and lets
  /// `record` see the outputs.
  mutating func addEvaluation(
    _ network: borrowing Network, rows: Int, measuringScores: Bool,
    record: (borrowing Worker, UnsafeMutablePointer<Float>) -> Void = { _, _ in }
  ) {
    let outputs = unsafe forward(network, rows: rows)
    unsafe countPredictions(outputs, network.specification, rows: rows)
    if measuringScores { unsafe noteScores(outputs, network.specification, rows: rows) }
    unsafe record(self, outputs)
    unsafe judgeOutputs(outputs, network.specification, rows: rows)
  }
}
