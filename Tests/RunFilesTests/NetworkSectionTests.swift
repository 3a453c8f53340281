import KernelOperands
import NeuralNetwork
import RunFiles
import Testing

@Suite struct NetworkSectionTests {
  typealias Hidden = NetworkSpecification.HiddenLayer

  private func network(_ yaml: String, _ overrides: [(key: String, value: String)] = []) throws
    -> RunFile.NetworkSection
  {
    try RunFile(yaml: shortest + "\nnetwork: \(yaml)", named: "r.yaml", overrides: overrides).network
  }

  @Test func entriesAreNumbersOrSections() throws {
    let section = try network(
      """
      {hidden: [30, {units: 30, norm: layer, skip: true}, {units: 8, activation: silu, dropout: 0.1}, {units: 4, norm: none}],
       activation: gelu, dropout: 0.2, input_dropout: 0.05}
      """)
    #expect(
      section.hidden == [
        Hidden(units: 30, activation: .gelu, dropout: 0.2),
        Hidden(units: 30, activation: .gelu, norm: .layer, skip: true, dropout: 0.2),
        Hidden(units: 8, activation: .silu, dropout: 0.1), Hidden(units: 4, activation: .gelu, dropout: 0.2),
      ])
    #expect(section.inputDropout == 0.05)
  }

  @Test func activationsAreThoseOfKeras() throws {
    for activation in Activation.allCases {
      #expect(try network("{activation: \(activation.rawValue)}").hidden.allSatisfy { $0.activation == activation })
    }
    let list = try network("{hidden: [1, {units: 2, activation: elu}], activation: [relu, leaky_relu]}")
    #expect(list.hidden.map(\.activation) == [.relu, .elu])
  }

  /// What a run writes can be overridden for all layers.
  @Test func aCommonDropoutIsWrittenOnce() throws {
    let run = try RunFile(yaml: shortest, named: "r.yaml", overrides: [("network.dropout", "0.25")])
    #expect(run.yaml().contains("hidden: [30, 30, 30]\n") && run.yaml().contains("\n  dropout: 0.25\n"))
    let again = try RunFile(yaml: run.yaml(), named: "r.yaml", overrides: [("network.dropout", "0.5")])
    #expect(again.network.hidden.allSatisfy { $0.dropout == 0.5 })
  }

  @Test(arguments: [
    (
      "{hidden: [30, {units: 20, skip: true}]}",
      "network.hidden[1].skip adds the layer's 30 inputs to its 20 units; make both the same number, or leave skip out"
    ),
    (
      "{hidden: [{units: 3, skip: true}]}",
      "network.hidden[0].skip adds the layer's 2 inputs to its 3 units; make both the same number, or leave skip out"
    ),
    ("{hidden: [{norm: layer}]}", "network.hidden[0].units is missing; add 'units: 30'"),
    ("{hidden: [{units: 3, norm: batch}]}", "network.hidden[0].norm is 'batch'; give none or layer"),
    ("{hidden: [{units: 3, dropout: 1}]}", "network.hidden[0].dropout is '1'; give a number of at least 0 and below 1"),
    ("{dropout: -0.1}", "network.dropout is '-0.1'; give a number of at least 0 and below 1"),
    ("{input_dropout: 1.5}", "network.input_dropout is '1.5'; give a number of at least 0 and below 1"),
    (
      "{hidden: [{units: 3, drop: 0.1}]}",
      "unknown key 'drop' in network.hidden[0]; known here: units, activation, norm, skip, dropout"
    ),
  ]) func whatIsWrongIsNamed(yaml: String, message: String) {
    let error = #expect(throws: RunFileError.self) { try network(yaml) }
    #expect(error?.message == message)
  }
}
