import KernelOperands

/// A feed-forward classifier: inputs, layers of hidden units, and the outputs of its objective.
public struct NetworkSpecification: Equatable, Sendable {
  /// The number of features of an event.
  public var inputs: Int
  /// The hidden layers from the inputs on; may be empty (multinomial logistic regression).
  public var hidden: [HiddenLayer]
  /// The number of classes, at least 2.
  public var classes: Int
  /// What the outputs mean.
  public var objective: Objective
  /// The dropout probability of the inputs, 0 ≤ dropout < 1; see ``Dropout``.
  public var inputDropout: Double

  public init(
    inputs: Int, hidden: [HiddenLayer], classes: Int, objective: Objective = .categoricalCrossentropy,
    inputDropout: Double = 0
  ) {
    precondition(inputs > 0 && classes >= 2 && hidden.allSatisfy { $0.units > 0 }, "an empty layer")
    let widths = [inputs] + hidden.map(\.units)
    precondition(zip(widths, hidden).allSatisfy { !$1.skip || $0 == $1.units }, "a skip connection between two widths")
    self.inputs = inputs
    self.inputDropout = inputDropout
    self.hidden = hidden
    self.classes = classes
    self.objective = objective
  }

  /// Units per layer from inputs to outputs, e.g. [15, 30, 30, 30, 4].
  public var sizes: [Int] { [inputs] + hidden.map(\.units) + [objective.outputs(classes: classes)] }

  /// How many weights, biases and numbers of normalisations there are, without padding.
  public var parameterCount: Int {
    zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
      + hidden.reduce(0) { $0 + ($1.norm == .none ? 0 : 2 * $1.units) }
  }

  /// The activation after dense layer number `layer`; that of the last one belongs to the objective.
  func activation(after layer: Int) -> Activation {
    layer < hidden.count ? hidden[layer].activation : .linear
  }
}
