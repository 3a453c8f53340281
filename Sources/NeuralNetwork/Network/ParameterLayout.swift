/// Where each layer's weights and biases stand in the one flat buffer of all parameters.
///
/// Gradients, gradient sums and the optimiser's state buffers have the same layout, so that one loop, one allreduce or one write covers all
/// of them and no layer can be forgotten. The weights of a layer are (inputs, stride): the weight from input i to output o
/// stands at `weights + i * stride + o`, that of the bias at `biases + o`; a normalised layer has γ and β in two more rows behind
/// the biases. `stride` is `outputs` rounded up to 8; the padding always stays zero, as its gradient is zero.
public struct ParameterLayout: Equatable, Sendable {
  /// The place of one dense layer.
  public struct Layer: Equatable, Sendable {
    /// Length of the summed index.
    public let inputs: Int
    /// Number of units.
    public let outputs: Int
    /// Floats from one row to the next.
    public let stride: Int
    /// Offset of the weights.
    public let weights: Int
    /// Offset of the weights in the transposed copy, whose rows are `inputStride` long.
    let transposed: Int
    /// `inputs` rounded up to 8: the row length of the layer's input matrix and of its transposed weights.
    public let inputStride: Int
    /// Rows of `stride` floats: one an input, one of biases, and for a normalised layer one of scales γ and one of shifts β.
    public let rows: Int

    /// Whether the layer is normalised.
    public var hasNorm: Bool { rows > inputs + 1 }
    /// Offset of the biases, right after the weights.
    public var biases: Int { weights + inputs * stride }
    /// Offset of a normalised layer's scales γ, right after the biases.
    public var scales: Int { biases + stride }
    /// Offset of a normalised layer's shifts β, right after the scales.
    public var shifts: Int { scales + stride }
    /// All rows together, padding included.
    public var range: Range<Int> { weights..<weights + rows * stride }
  }

  /// The dense layers from the inputs on.
  public let layers: [Layer]
  /// Values in the flat buffer, padding included; a multiple of 8.
  public let count: Int
  /// Values in the transposed copy of the weights.
  let transposedCount: Int
  /// The operations of the hidden layers besides their products.
  let hidden: [NetworkSpecification.HiddenLayer]
  /// The dropout probability of the inputs.
  let inputDropout: Double
  /// The number of classes: two if there is a single output.
  var classes: Int { max(2, layers[layers.count - 1].outputs) }

  public init(_ specification: NetworkSpecification) {
    var layers: [Layer] = []
    var count = 0
    var transposedCount = 0
    hidden = specification.hidden
    inputDropout = specification.inputDropout
    for (index, (inputs, outputs)) in zip(specification.sizes, specification.sizes.dropFirst()).enumerated() {
      let hasNorm = index < hidden.count && hidden[index].norm != .none
      let layer = Layer(
        inputs: inputs, outputs: outputs, stride: roundedUpTo8(outputs), weights: count,
        transposed: transposedCount, inputStride: roundedUpTo8(inputs),
        rows: inputs + (hasNorm ? 3 : 1))
      layers.append(layer)
      count = layer.range.upperBound
      transposedCount += outputs * layer.inputStride
    }
    self.layers = layers
    self.count = count
    self.transposedCount = transposedCount
  }
}

/// The smallest multiple of 8 that is not below `count`: the width of a row that vectors of 8 floats walk.
public func roundedUpTo8(_ count: Int) -> Int { (count + 7) & ~7 }
