extension Span<Float> {
  /// The weights of a layer as (outputs, inputs) in row-major order, the order of PyTorch and of our checkpoints, from values in
  /// the layout of the parameters.
  public func weights(of layer: ParameterLayout.Layer) -> [Float] {
    (0..<layer.outputs).flatMap { output in
      (0..<layer.inputs).map { self[layer.weights + $0 * layer.stride + output] }
    }
  }

  /// The biases of a layer.
  public func biases(of layer: ParameterLayout.Layer) -> [Float] {
    (0..<layer.outputs).map { self[layer.biases + $0] }
  }
}

extension MutableSpan<Float> {
  /// Puts weights (outputs, inputs) and biases (outputs) of a layer in their places.
  public mutating func set(weights: [Float], biases: [Float], of layer: ParameterLayout.Layer) {
    precondition(weights.count == layer.inputs * layer.outputs && biases.count == layer.outputs, "shape of a layer")
    for output in 0..<layer.outputs {
      for input in 0..<layer.inputs {
        self[layer.weights + input * layer.stride + output] = weights[output * layer.inputs + input]
      }
      self[layer.biases + output] = biases[output]
    }
  }
}

extension Span<Float> {
  /// The scales γ of a normalised layer.
  public func scales(of layer: ParameterLayout.Layer) -> [Float] {
    (0..<layer.outputs).map { self[layer.scales + $0] }
  }

  /// The shifts β of a normalised layer.
  public func shifts(of layer: ParameterLayout.Layer) -> [Float] {
    (0..<layer.outputs).map { self[layer.shifts + $0] }
  }
}

extension MutableSpan<Float> {
  /// Puts scales γ and shifts β (outputs) of a normalised layer in their places.
  public mutating func set(scales: [Float], shifts: [Float], of layer: ParameterLayout.Layer) {
    precondition(
      layer.hasNorm && scales.count == layer.outputs && shifts.count == layer.outputs, "shape of a normalisation")
    for output in 0..<layer.outputs {
      self[layer.scales + output] = scales[output]
      self[layer.shifts + output] = shifts[output]
    }
  }
}
