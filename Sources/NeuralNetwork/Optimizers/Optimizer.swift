import KernelOperands
import Kernels

/// An optimiser with its state: buffers in the layout of the parameters, for SGD the velocity.
public struct Optimizer: ~Copyable {
  public let options: OptimizerOptions
  /// The factor of the L2 penalty l2 · Σ w² over all weights, which is part of what the steps minimise.
  public let l2: Double
  private let layout: ParameterLayout
  /// The buffers of the formulas, one after the other.
  private var state: AlignedBuffer<Float>
  /// The running mean of the parameters; empty where there is none.
  private var average: AlignedBuffer<Float>
  private var formulas: StepFormulas
  private let kernels = KernelSet.chosen

  /// An optimiser whose state is zero. With a running mean of the parameters, ``startAverage(from:)`` must be called before
  /// anything else.
  public init(_ options: OptimizerOptions, l2: Double = 0, layout: ParameterLayout) {
    self.options = options
    self.l2 = l2
    self.layout = layout
    state = AlignedBuffer(count: options.formulas.stateNames.count * layout.count)
    average = AlignedBuffer(count: options.ema == nil ? 0 : layout.count)
    formulas = StepFormulas(options.formulas)
  }

  /// The names of the state buffers, in order.
  public var stateNames: [String] { options.stateNames }

  /// Lets `body` read state buffer number `index`.
  public borrowing func withState<Result, Failure: Error>(
    _ index: Int, _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(unsafe Span(_unsafeStart: start(ofState: index), count: layout.count))  // The buffer outlives the call.
  }

  /// Lets `body` change state buffer number `index`.
  public mutating func withMutableState<Result, Failure: Error>(
    _ index: Int, _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Exclusive, and the buffer outlives the call.
    var values = unsafe MutableSpan(_unsafeStart: start(ofState: index), count: layout.count)
    return try body(&values)
  }

  private borrowing func start(ofState index: Int) -> UnsafeMutablePointer<Float> {
    precondition(stateNames.indices.contains(index), "state buffer \(index) of \(stateNames.count)")
    return unsafe index * layout.count < state.count ? state.pointer + index * layout.count : average.pointer
  }

  /// Moves the network's parameters by the mean gradient Σ t·∇ℓ / (n·t̄) of the n events that `engine` has summed.
  ///
  /// `meanWeight` is t̄, the mean of the weights t over all training events, above 0. Divided by the batch's own Σt instead,
  /// the mean over batches would not be the gradient of the weighted loss (a batch without a rare class would count as much as
  /// one that has it), and weights of both signs could cancel.
  ///
  /// - Parameter step: The number of the step in the whole training, from 0.
  public mutating func step(
    _ network: inout Network, _ engine: borrowing GradientEngine, learningRate: Double, atStep step: Int,
    meanWeight: Double
  ) {
    let coefficients = formulas.coefficients(learningRate: learningRate, step: step)
    var inverseWeight = 1 / (Double(engine.sums.events) * meanWeight)
    var penalty = 2 * l2
    if let longest = options.globalClipNorm {
      let norm = gradientNorm(network, engine, inverseWeight: inverseWeight)
      if norm > longest {
        inverseWeight *= longest / norm
        penalty *= longest / norm
      }
    }
    if penalty == 0 && (options.decaysBiases || options.weightDecay == 0) {
      moveAll(&network, engine, inverseWeight: inverseWeight, coefficients)
    } else {
      moveRows(&network, engine, inverseWeight: inverseWeight, penalty: Float(penalty), coefficients)
    }
    if step & Self.stepsBetweenSweeps == Self.stepsBetweenSweeps { sweepState() }
    if options.ema != nil { moveAverage(towards: network, step: step) }
  }

  /// One less than a power of two.
  private static var stepsBetweenSweeps: Int { 255 }

  /// Flushes decaying state to 0: the velocity of a unit whose gradients have become 0, v · momentumⁿ, would be subnormal from some
  /// step on, which makes a step of one event three times as long on some processors. Values below 2⁻⁸⁶ become 0: at a
  /// momentum of 0.9, 256 steps leave the smallest of the others above 2⁻¹²⁶, where subnormal numbers begin. A function of the number of
  /// the step, so that it is the same however a run is divided. Adam's move does it by itself.
  @inline(never) private mutating func sweepState() {
    guard options.momentum != nil else { return }
    state.withMutableSpan { values in
      for index in values.indices { values[index] = values[index].magnitude < 0x1p-86 ? 0 : values[index] }
    }
  }

  /// Moves all parameters of a layer in the same way.
  @inline(__always) private func moveAll(
    _ network: inout Network, _ engine: borrowing GradientEngine, inverseWeight: Double,
    _ coefficients: MoveCoefficients
  ) {
    let state = unsafe state.pointer
    let stateStride = layout.count
    network.update { parameters in
      for (index, layer) in layout.layers.enumerated() {
        unsafe kernels.update(  // All buffers share one layout.
          parameters: parameters.pointer + layer.weights, state: state + layer.weights, stateStride: stateStride,
          inputs: layer.rows - 1, stride: layer.stride, from: engine.gradient(ofLayer: index),
          toMean: engine.gradientUnit(ofLayer: index) * inverseWeight, coefficients)
      }
    }
  }

  /// Moves the weights of a layer with the penalty, and the rows after them without it, which may not decay either.
  @inline(never) private func moveRows(
    _ network: inout Network, _ engine: borrowing GradientEngine, inverseWeight: Double, penalty: Float,
    _ coefficients: MoveCoefficients
  ) {
    let state = unsafe state.pointer
    let stateStride = layout.count
    let others = options.decaysBiases ? coefficients : coefficients.withoutDecay
    network.update { parameters in
      for (index, layer) in layout.layers.enumerated() {
        let toMean = engine.gradientUnit(ofLayer: index) * inverseWeight
        let parameters = unsafe parameters.pointer + layer.weights
        let state = unsafe state + layer.weights
        unsafe kernels.update(  // All buffers share one layout.
          rows: 0..<layer.inputs, parameters: parameters, state: state, stateStride: stateStride, inputs: layer.inputs,
          stride: layer.stride, from: engine.gradient(ofLayer: index), toMean: toMean, penalty: penalty, coefficients)
        unsafe kernels.update(
          rows: layer.inputs..<layer.rows, parameters: parameters, state: state, stateStride: stateStride,
          inputs: layer.inputs, stride: layer.stride, from: engine.gradient(ofLayer: index), toMean: toMean,
          penalty: 0, others)
      }
    }
  }

  /// The norm of the mean gradient of all parameters together, with that of the L2 penalty.
  ///
  /// In double, layer after layer, from sums that are the same bits however the events were divided.
  public borrowing func gradientNorm(
    _ network: borrowing Network, _ engine: borrowing GradientEngine, inverseWeight: Double
  ) -> Double {
    var sum = 0.0
    for (index, layer) in layout.layers.enumerated() {
      sum += unsafe kernels.squaredNorm(  // All buffers share one layout.
        parameters: network.parameters.pointer + layer.weights, rows: layer.rows, inputs: layer.inputs,
        stride: layer.stride, from: engine.gradient(ofLayer: index),
        toMean: engine.gradientUnit(ofLayer: index) * inverseWeight, penalty: 2 * l2)
    }
    return sum.squareRoot()
  }
}

// MARK: - The running mean of the parameters

extension Optimizer {
  /// Whether the model is a running mean of the parameters.
  public var hasAverage: Bool { options.ema != nil }

  /// Makes the running mean the parameters as they are: before any step.
  public mutating func startAverage(from network: borrowing Network) {
    guard hasAverage else { return }
    unsafe average.pointer.update(from: network.parameters.pointer, count: layout.count)  // Both have one layout.
  }

  /// The formula of Keras 3: a = ema · a + (1 − ema) · w, and a = w in the first step of all.
  private mutating func moveAverage(towards network: borrowing Network, step: Int) {
    guard step > 0 else { return startAverage(from: network) }
    unsafe kernels.moveAverage(  // Both have one layout.
      average.pointer, towards: network.parameters.pointer, rate: Float(1 - (options.ema ?? 0)), count: layout.count)
  }

  /// Lets `body` see a network whose parameters are the running mean, if there is one: the model that is evaluated and kept.
  /// `body` must not train it.
  public mutating func withModel<Result, Failure: Error>(
    _ network: inout Network, _ body: (borrowing Network) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard hasAverage else { return try body(network) }
    network.exchangeParameters(with: &average)
    defer { network.exchangeParameters(with: &average) }
    return try body(network)
  }
}

/// The formulas of an optimiser with what they cache from step to step for speed, which does not affect results.
private enum StepFormulas {
  case sgd(SGD)
  case adam(AdamSteps)

  init(_ formulas: OptimizerOptions.Formulas) {
    switch formulas {
    case .sgd(let sgd): self = .sgd(sgd)
    case .adam(let adam), .adamw(let adam): self = .adam(AdamSteps(adam))
    }
  }

  /// What a step with this learning rate does to every parameter; `step` counts from 0.
  mutating func coefficients(learningRate: Double, step: Int) -> MoveCoefficients {
    switch self {
    case .sgd(let sgd): return .sgd(sgd.coefficients(learningRate: learningRate))
    case .adam(var steps):
      let coefficients = steps.coefficients(learningRate: learningRate, step: step)
      self = .adam(steps)
      return .adam(coefficients)
    }
  }
}
