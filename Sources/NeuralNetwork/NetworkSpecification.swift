/// A feed-forward classifier: inputs, layers of hidden units, one output node per class with softmax.
public struct NetworkSpecification: Equatable, Sendable {
  /// A layer of hidden units.
  public struct HiddenLayer: Equatable, Sendable {
    /// How many units it has.
    public var units: Int
    /// What each unit does to its weighted sum.
    public var activation: Activation

    /// A layer of `units` units.
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

  /// All by name.
  public init(inputs: Int, hidden: [HiddenLayer], classes: Int) {
    precondition(inputs > 0 && classes >= 2 && hidden.allSatisfy { $0.units > 0 }, "an empty layer")
    self.inputs = inputs
    self.hidden = hidden
    self.classes = classes
  }

  /// Units per layer from inputs to outputs, e.g. [15, 30, 30, 30, 4].
  public var sizes: [Int] { [inputs] + hidden.map(\.units) + [classes] }

  /// How many weights and biases there are, without padding.
  public var parameterCount: Int {
    zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
  }

  /// The activation after dense layer number `layer`; the last one feeds the softmax and is linear.
  func activation(after layer: Int) -> Activation {
    layer < hidden.count ? hidden[layer].activation : .linear
  }
}
