import Events
import KernelOperands
import NeuralNetwork
import Testing
import Training

@Suite struct ModelTests {
  /// Layers that need padding and one that does not.
  private let specification = NetworkSpecification(
    inputs: 3,
    hidden: [.init(units: 8, activation: .tanh), .init(units: 5, activation: .relu, norm: .layer)], classes: 2)

  /// Numbers that are all different, and none of them zero.
  private var layers: [Model.Layer] {
    var next = 0
    func numbers(_ count: Int) -> [Float] {
      defer { next += count }
      return (next..<next + count).map { Float($0 + 1) }
    }
    return zip(specification.sizes, specification.sizes.dropFirst()).enumerated().map { index, size in
      let (inputs, outputs) = size
      return Model.Layer(
        outputs: outputs, weights: numbers(inputs * outputs), biases: numbers(outputs),
        norm: index == 1 ? .init(scales: numbers(outputs), shifts: numbers(outputs)) : nil)
    }
  }

  private var model: Model {
    Model(
      classNames: ["s", "b"], featureNames: ["x", "y", "z"], classWeights: [1, 2], meanWeight: 1.5,
      standardization: .identity(features: 3), layers: layers)
  }

  @Test func layersComeBackFromFlatValues() {
    let layout = ParameterLayout(specification)
    let values = Model.Layer.values(layers, layout)
    #expect(values.count == layout.count)
    #expect(Model.Layer.layers(of: values, layout) == layers)
    // Every number once; the rest is padding, and zero.
    let count = specification.parameterCount
    #expect(values.filter { $0 != 0 }.sorted() == (1...count).map { Float($0) } && count < layout.count)
  }

  /// In memory weights are (inputs, outputs), in a model (outputs, inputs).
  @Test func weightsAreTransposed() {
    let layout = ParameterLayout(specification)
    let values = Model.Layer.values(layers, layout)
    for (layer, place) in zip(layers, layout.layers) {
      #expect(layer.inputs == place.inputs && layer.outputs == place.outputs)
      for output in 0..<layer.outputs {
        #expect(values[place.biases + output] == layer.biases[output])
        for input in 0..<layer.inputs {
          #expect(values[place.weights + input * place.stride + output] == layer.weights[output * layer.inputs + input])
        }
      }
    }
  }

  @Test func aModelIsANetworkOfItsSpecification() {
    #expect(model.sizes == [3, 8, 5, 2])
    guard let network = model.network(specification) else {
      Issue.record("no network")
      return
    }
    let parameters = network.parameters.array
    #expect(parameters == Model.Layer.values(layers, network.layout))
    // The copy that gradients are taken through is made too.
    var numbers: [Float] = []
    network.withNumbers { span in numbers += span.indices.map { span[$0] } }
    #expect(Set(numbers[parameters.count...]).isSuperset(of: layers[1].weights + layers[2].weights))
  }

  @Test func aModelIsNoNetworkWithAnotherNorm() {
    var other = specification
    other.hidden[1].norm = .none
    let withoutNorm = model.network(other) == nil
    other.hidden = specification.hidden
    other.hidden[0].norm = .layer
    let withAnother = model.network(other) == nil
    #expect(withoutNorm && withAnother)
  }

  @Test func aModelIsNoNetworkOfAnotherShape() {
    for sizes in [[3, 8, 5, 3], [4, 8, 5, 2], [3, 8, 2], [3, 5, 8, 2]] {
      let other = NetworkSpecification(
        inputs: sizes[0], hidden: sizes[1..<sizes.count - 1].map { .init(units: $0, activation: .relu) },
        classes: sizes[sizes.count - 1])
      let fits = model.network(other) != nil
      #expect(!fits, "\(sizes)")
    }
  }
}
