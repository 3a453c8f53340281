import KernelOperands
import NeuralNetwork
import Testing

@Suite struct NetworkTests {
  @Test func layoutIsPaddedAndContiguous() {
    let layout = ParameterLayout(
      NetworkSpecification(inputs: 15, hidden: [.init(units: 30, activation: .relu)], classes: 4))
    #expect(layout.layers.map(\.stride) == [32, 8])
    #expect(layout.layers[0].range == 0..<16 * 32)
    #expect(layout.layers[1].range == 16 * 32..<16 * 32 + 31 * 8)
    #expect(layout.count == layout.layers[1].range.upperBound)
  }

  @Test func parameterCountLeavesPaddingOut() {
    let hidden = (0..<3).map { _ in NetworkSpecification.HiddenLayer(units: 30, activation: .relu) }
    #expect(NetworkSpecification(inputs: 15, hidden: hidden, classes: 4).parameterCount == 2464)
  }

  @Test func layersAreReadBackAsTheyWereSet() {
    var network = Network(NetworkSpecification(inputs: 3, hidden: [], classes: 2))
    let layer = network.layout.layers[0]
    network.update { $0.withMutableSpan { $0.set(weights: [1, 2, 3, 4, 5, 6], biases: [7, 8], of: layer) } }
    #expect(network.parameters.withSpan { $0.weights(of: layer) } == [1, 2, 3, 4, 5, 6])
    #expect(network.parameters.withSpan { $0.biases(of: layer) } == [7, 8])
    #expect(network.parameters[layer.weights + layer.stride] == 2, "input 1 → output 0 stands in row 1")
  }

  /// 2,464 parameters: with their copy and a velocity 12 bytes each, and 12 a thread; per row 109 units and twice the largest layer.
  @Test func memoryIsThatOfParametersAndRows() {
    let hidden = (0..<3).map { _ in NetworkSpecification.HiddenLayer(units: 30, activation: .relu) }
    let specification = NetworkSpecification(inputs: 15, hidden: hidden, classes: 4)
    let memory = specification.workingMemory(optimizer: .sgd(SGD(learningRate: 0.1)), block: 64, threads: 2)
    let (parameters, rows) = (2464.0 * 36, 640.0 * 169 * 4)
    #expect(memory == parameters + rows)
    // Two buffers instead of one, and a running mean.
    for (options, buffers) in [
      (OptimizerOptions(.adam(Adam())), 2.0), (OptimizerOptions(.adamw(Adam()), ema: 0.9), 3),
      (OptimizerOptions(.sgd(SGD(learningRate: 0.1)), globalClipNorm: 1, ema: 0.9, decaysBiases: false), 2),
    ] {
      let memory = specification.workingMemory(optimizer: options, block: 64, threads: 2)
      #expect(memory == 2464 * (4 * (2 + buffers) + 24) + rows)
    }
  }
}
