package import KernelOperands
package import Machine
package import NeuralNetwork

/// Settings of all hidden layers of a benchmark's network, with the keys of a run file's `network.hidden`.
package struct HiddenOptions: Equatable {
  /// nil: as set by its own option.
  package var activation: Activation?
  package var norm = Normalization.none
  /// For the layers that have as many units as inputs.
  package var skip = false
  package var dropout = 0.0

  package init() {}

  /// From a list such as `activation=silu,norm=layer,skip=true,dropout=0.1`; may be empty.
  ///
  /// - Throws: one line that says what is wrong with the list.
  package init(_ list: String) throws(Failure) {
    for word in list.split(separator: ",") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let (key, value) = (parts[0], parts.count > 1 ? parts[1] : "")
      let isUnderstood: Bool
      switch key {
      case "activation":
        activation = Activation(rawValue: value)
        isUnderstood = activation != nil
      case "norm":
        let given = Normalization(rawValue: value)
        norm = given ?? .none
        isUnderstood = given != nil
      case "skip":
        skip = value == "true"
        isUnderstood = skip || value == "false"
      case "dropout":
        dropout = Double(value) ?? -1
        isUnderstood = dropout >= 0 && dropout < 1
      default: isUnderstood = false
      }
      guard isUnderstood else {
        throw Failure(
          .usage,
          "--hidden-options \(list): '\(word)' cannot be used; give activation=silu, norm=layer, skip=true or "
            + "dropout=0.1, with ',' between them")
      }
    }
  }

  /// The hidden layers of a network with these sizes, inputs and classes among them.
  package func layers(_ sizes: [Int], activation: Activation) -> [NetworkSpecification.HiddenLayer] {
    zip(sizes, sizes.dropFirst()).dropLast().map { inputs, units in
      .init(
        units: units, activation: self.activation ?? activation, norm: norm, skip: skip && inputs == units,
        dropout: dropout)
    }
  }
}
