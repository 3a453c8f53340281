import KernelOperands

/// The operations of a hidden layer besides a product and a plain activation, and their scratch in a worker.
struct LayerExtras {
  /// What the gradient w.r.t. the activation's result is multiplied by to become that w.r.t. its argument.
  enum Derivative {
    /// The derivative of relu, applied in the product that computes the gradient.
    case rectifier
    /// The same and the dropout's scale: what relu or dropout made 0 is 0 in the output.
    case droppedRectifier
    /// What follows from the output, which is the activation's result.
    case byOutput
    /// Numbers that the forward pass left behind, dropout included.
    case slopes
  }

  let activation: Activation
  let hasNorm: Bool
  let skip: Bool
  let dropout: Dropout
  let derivative: Derivative
  /// Offsets in the worker's scratch: slopes and x̂, each (rows, stride), and 1 / √(variance + ε), (rows).
  var slopes = 0
  var normalized = 0
  var inverseDeviations = 0

  /// `skipsNext`: the layer behind adds this one's output to what it makes of it.
  init(_ layer: NetworkSpecification.HiddenLayer, skipsNext: Bool) {
    activation = layer.activation
    hasNorm = layer.norm != .none
    skip = layer.skip
    dropout = Dropout(layer.dropout)
    derivative =
      if layer.skip || !layer.activation.hasDerivativeByOutput {
        .slopes
      } else if dropout.isOff {
        // With a skip connection behind, the gradient is only complete after the product.
        layer.activation == .relu && !skipsNext ? .rectifier : .byOutput
      } else {
        layer.activation == .relu && !skipsNext ? .droppedRectifier : .slopes
      }
  }

  /// What the hidden layers of a network do, and how many floats of scratch that takes with this many rows; none of them where all
  /// layers are plain: products with an activation whose derivative follows from its output.
  static func plan(_ layout: ParameterLayout, rows: Int) -> (layers: [LayerExtras], scratch: Int) {
    let hidden = layout.hidden
    let isPlain =
      layout.inputDropout == 0
      && hidden.allSatisfy {
        $0.norm == .none && !$0.skip && $0.dropout == 0 && $0.activation.hasDerivativeByOutput
      }
    guard !isPlain else { return ([], 0) }
    var scratch = 0
    var layers: [LayerExtras] = []
    for (index, layer) in hidden.enumerated() {
      let matrix = rows * layout.layers[index].stride
      var extras = LayerExtras(layer, skipsNext: index + 1 < hidden.count && hidden[index + 1].skip)
      func take(_ count: Int) -> Int {
        defer { scratch += count }
        return scratch
      }
      if extras.derivative == .slopes { extras.slopes = take(matrix) }
      if extras.hasNorm {
        extras.normalized = take(matrix)
        extras.inverseDeviations = take(roundedUpTo8(rows))
      }
      layers.append(extras)
    }
    return (layers, scratch)
  }
}

extension ParameterLayout {
  /// Whether the gradient w.r.t. the parameters of every layer is the product of the layer's inputs and one gradient w.r.t. its
  /// weighted sums, and the latter follows from that of the layer behind: not where layers are normalised or skipped.
  var isChain: Bool { hidden.allSatisfy { $0.norm == .none && !$0.skip } }

  /// Whether a training step has dropout.
  var hasDropout: Bool { inputDropout > 0 || hidden.contains { $0.dropout > 0 } }
}
