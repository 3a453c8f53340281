import Kernels

/// An optimiser with its state: buffers in the layout of the parameters, for SGD the velocity.
public struct Optimizer: ~Copyable {
  public let options: OptimizerOptions
  private let layout: ParameterLayout
  /// All state buffers, one behind the other.
  private var state: AlignedBuffer<Float>
  private let kernels = KernelSet.chosen

  /// An optimiser at rest: its state is zero.
  public init(_ options: OptimizerOptions, layout: ParameterLayout) {
    self.options = options
    self.layout = layout
    state = AlignedBuffer(count: options.stateNames.count * layout.count)
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
    return unsafe state.pointer + index * layout.count
  }

  /// Moves the network's parameters by the mean gradient Σ t·∇ℓ / (n·t̄) of the n events that `engine` has summed.
  ///
  /// `meanWeight` is t̄, the mean of the weights t over all training events, above 0. Divided by the batch's own Σt instead,
  /// the mean over batches would not be the gradient of the weighted loss (a batch without a rare class would count as much as
  /// one that has it), and weights of both signs could cancel.
  public mutating func step(
    _ network: inout Network, _ engine: borrowing GradientEngine, learningRate: Double, meanWeight: Double
  ) {
    let coefficients = options.coefficients(learningRate: learningRate)
    let inverseWeight = 1 / (Double(engine.sums.events) * meanWeight)
    let state = unsafe state.pointer
    let stateStride = layout.count
    network.update { parameters in
      for (index, layer) in layout.layers.enumerated() {
        unsafe kernels.update(  // All buffers share one layout.
          parameters: parameters.pointer + layer.weights, state: state + layer.weights, stateStride: stateStride,
          inputs: layer.inputs, stride: layer.stride, from: engine.gradient(ofLayer: index),
          toMean: engine.gradientUnit(ofLayer: index) * inverseWeight, coefficients)
      }
    }
  }
}
