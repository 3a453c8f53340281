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
    network.update { $0.set(weights: [1, 2, 3, 4, 5, 6], biases: [7, 8], of: layer) }
    #expect(network.parameters.weights(of: layer) == [1, 2, 3, 4, 5, 6])
    #expect(network.parameters.biases(of: layer) == [7, 8])
    #expect(network.parameters[layer.weights + layer.stride] == 2, "input 1 → output 0 stands in row 1")
  }
}
