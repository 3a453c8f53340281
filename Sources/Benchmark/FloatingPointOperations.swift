package import NeuralNetwork

extension NetworkSpecification {
  /// Useful floating-point operations of a training step per event: twice the multiply-adds of forward pass, weight
  /// gradient and, but for the first layer, data gradient.
  ///
  /// Biases, activations, softmax, rounding and optimiser are not counted, nor is work on padding.
  package var operationsPerEvent: Double {
    let products = zip(sizes, sizes.dropFirst()).map { Double($0) * Double($1) }
    return 2 * (3 * products.reduce(0, +) - products[0])
  }
}
