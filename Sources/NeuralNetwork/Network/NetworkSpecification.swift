public import KernelOperands

/// A feed-forward classifier: inputs, layers of hidden units, and the outputs of its objective.
public struct NetworkSpecification: Equatable, Sendable {
  /// A layer of hidden units.
  public struct HiddenLayer: Equatable, Sendable {
    public var units: Int
    /// What each unit does to its weighted sum.
    public var activation: Activation

    public init(units: Int, activation: Activation) {
      self.units = units
      self.activation = activation
    }
  }

  /// The number of features of an event.
  public var inputs: Int
  /// The hidden layers from the inputs on; may be empty (multinomial logistic regression).
  public var hidden: [HiddenLayer]
  /// The number of classes, at least 2.
  public var classes: Int
  /// What the outputs mean.
  public var objective: Objective

  public init(
    inputs: Int, hidden: [HiddenLayer], classes: Int, objective: Objective = .categoricalCrossentropy
  ) {
    precondition(inputs > 0 && classes >= 2 && hidden.allSatisfy { $0.units > 0 }, "an empty layer")
    self.inputs = inputs
    self.hidden = hidden
    self.classes = classes
    self.objective = objective
  }

  /// Units per layer from inputs to outputs, e.g. [15, 30, 30, 30, 4].
  public var sizes: [Int] { [inputs] + hidden.map(\.units) + [objective.outputs(classes: classes)] }

  /// How many weights and biases there are, without padding.
  public var parameterCount: Int {
    zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
  }

  /// The activation after dense layer number `layer`; that of the last one belongs to the objective.
  func activation(after layer: Int) -> Activation {
    layer < hidden.count ? hidden[layer].activation : .linear
  }
}

// Here, as Embedded Swift, for which the kernels and their operands compile, has no Codable.
extension Activation: Codable {}
