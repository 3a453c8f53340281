import Kernels
import Machine

/// A network with its parameters.
public struct Network: ~Copyable {
  /// Its layers.
  public let specification: NetworkSpecification
  /// The layout of its parameters.
  public let layout: ParameterLayout
  /// All weights and biases.
  public private(set) var parameters: AlignedBuffer<Float>
  /// The weights of all layers transposed to (outputs, inputStride), for the data gradient.
  let transposed: AlignedBuffer<Float>
  private let kernels = KernelSet.chosen

  /// A network whose parameters are all zero.
  public init(_ specification: NetworkSpecification) {
    self.specification = specification
    layout = ParameterLayout(specification)
    parameters = AlignedBuffer(count: layout.count)
    transposed = AlignedBuffer(count: layout.transposedCount)
  }

  /// Changes the parameters through `body` and brings the transposed copy up to date.
  public mutating func update<Failure: Error>(
    _ body: (inout AlignedBuffer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    try body(&parameters)
    // The first layer needs no data gradient.
    for layer in layout.layers.dropFirst() {
      unsafe kernels.transpose(  // Both buffers were sized by the same layout.
        rows: layer.inputs, columns: layer.outputs, a: parameters.pointer + layer.weights, aStride: layer.stride,
        b: transposed.pointer + layer.transposed, bStride: layer.inputStride)
    }
  }
}

extension Network {
  /// Replaces the parameters by others in the same layout. The transposed copy is not updated: only training reads it.
  mutating func exchangeParameters(with others: inout AlignedBuffer<Float>) {
    precondition(others.count == parameters.count, "another layout")
    swap(&parameters, &others)
  }

  /// Lets `body` read all numbers that decide what this network computes: its parameters, then their transposed copy.
  public borrowing func withNumbers<Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    try parameters.withSpan(body)
    try transposed.withSpan(body)
  }
}
