internal import KernelBasics
internal import Kernels

/// Stochastic gradient descent with momentum, by the formulas of Keras 3 (see `updateSGD`).
public struct SGD: ~Copyable {
  /// What the run file says about it.
  public struct Options: Equatable, Sendable {
    /// The learning rate before the schedule.
    public var learningRate: Double
    /// The share of the velocity that is kept, 0 ≤ momentum < 1.
    public var momentum: Double
    /// Whether to look ahead along the velocity.
    public var nesterov: Bool
    /// Decoupled weight decay: each step takes learning rate × weight decay of every parameter away.
    public var weightDecay: Double

    /// All by name.
    public init(learningRate: Double, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0) {
      self.learningRate = learningRate
      self.momentum = momentum
      self.nesterov = nesterov
      self.weightDecay = weightDecay
    }
  }

  /// What the run file says.
  public let options: Options
  /// The velocity of every parameter, in the layout of the parameters.
  public var velocity: AlignedBuffer<Float>
  private let kernels = KernelSet.chosen

  /// An optimiser at rest.
  public init(_ options: Options, layout: ParameterLayout) {
    self.options = options
    velocity = AlignedBuffer(count: layout.count)
  }

  /// Moves the network's parameters by the mean gradient in `sums`.
  ///
  /// - Parameters:
  ///   - rate: what the schedule multiplies the learning rate by.
  ///   - exponents: those of the grids the sums were made on, or nil for sums in natural units (a step of one block).
  public mutating func step(_ network: inout Network, sums: borrowing StepSums, rate: Double, grid exponents: [Int]?) {
    var coefficients = coefficients(rate: rate)
    let inverseWeight = 1 / sums.weight
    let layers = network.layout.layers
    let velocity = unsafe velocity.pointer
    let gradient = unsafe sums.values.pointer
    network.update { parameters in
      for (index, layer) in layers.enumerated() {
        let unit = Double(sign: .plus, exponent: -(exponents?[index] ?? 0), significand: 1)
        coefficients.toMean = unit * inverseWeight
        if sums.reduction == .float32 {
          unsafe kernels.updateSGD(  // As below.
            parameters: parameters.pointer + layer.weights, velocity: velocity + layer.weights,
            plainSums: sums.floats.pointer + layer.weights, count: layer.range.count, coefficients)
          continue
        }
        unsafe kernels.updateSGD(  // The three buffers share one layout.
          parameters: parameters.pointer + layer.weights, velocity: velocity + layer.weights,
          sums: gradient + layer.weights, count: layer.range.count, coefficients)
      }
    }
  }

  /// Moves the network's parameters by the gradient of the one event that `engine` has taken backward: the same bits as
  /// through sums, without storing the gradient.
  public mutating func step(_ network: inout Network, event engine: borrowing GradientEngine, rate: Double) {
    var coefficients = coefficients(rate: rate)
    coefficients.toMean = 1 / engine.sums.weight
    let velocity = unsafe velocity.pointer
    engine.withEvent { worker in
      network.update { parameters in
        for (index, layer) in worker.layout.layers.enumerated() {
          unsafe kernels.updateSGD(  // Both buffers share one layout; the worker has inputs and deltas of every layer.
            parameters: parameters.pointer + layer.weights, velocity: velocity + layer.weights,
            input: worker.activations.pointer + worker.inputOffsets[index], inputs: layer.inputs,
            delta: worker.eventDelta(index), stride: layer.stride, coefficients)
        }
      }
    }
  }

  private func coefficients(rate: Double) -> SGDCoefficients {
    let learningRate = options.learningRate * rate
    return SGDCoefficients(
      toMean: 1, learningRate: Float(learningRate), momentum: Float(options.momentum),
      remaining: Float(1 - learningRate * options.weightDecay), nesterov: options.nesterov)
  }
}
