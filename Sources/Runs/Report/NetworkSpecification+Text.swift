import KernelOperands
import Machine
package import NeuralNetwork

extension NetworkSpecification {
  /// A line for everything that the layer sizes do not say: dropout, with the probability that is used, and hidden layers that do
  /// more than a product with an activation. `ofAll`: a line for each plain hidden layer too, with its activation.
  package func layerDescriptions(ofAll: Bool = false) -> [String] {
    var lines: [String] = []
    if inputDropout > 0 { lines.append("Inputs: \(Self.text(Dropout(inputDropout)))") }
    for (index, layer) in hidden.enumerated()
    where ofAll || layer.norm != .none || layer.skip || layer.dropout > 0 {
      var parts = (layer.norm == .none ? [] : ["layer normalisation"]) + [layer.activation.rawValue]
      if layer.dropout > 0 { parts.append(Self.text(Dropout(layer.dropout))) }
      if layer.skip { parts.append("plus the layer's inputs") }
      lines.append("Hidden layer \(index + 1): \(parts.joined(separator: ", "))")
    }
    return lines
  }

  private static func text(_ dropout: Dropout) -> String {
    "dropout \(decimals(dropout.probability, 12)) (\(dropout.threshold) / 2^32)"
  }
}
