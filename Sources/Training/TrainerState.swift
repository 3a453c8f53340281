import Events
import Machine
package import MPI
package import NeuralNetwork
import Numerics
package import Results

/// Everything that steps change, as values: what checkpoints store, a resumed training restores and replicas compare.
package struct TrainerState: Equatable, Sendable {
  /// A buffer of numbers in the layout of the parameters.
  package struct Buffer: Equatable, Sendable {
    package var name: String
    package var values: [Float]

    package init(name: String, values: [Float]) {
      self.name = name
      self.values = values
    }
  }

  package var parameters: [Float]
  /// The optimiser's buffers by name, in its order.
  package var optimizer: [Buffer]
  /// Of the gradient grids.
  package var gridExponents: [Int]
  /// Of a learning rate that follows the validation events.
  package var plateau: Plateau.State?

  package init(parameters: [Float], optimizer: [Buffer], gridExponents: [Int], plateau: Plateau.State? = nil) {
    self.parameters = parameters
    self.optimizer = optimizer
    self.gridExponents = gridExponents
    self.plateau = plateau
  }
}

/// What the parameters and the optimiser's buffers were when the ranks compared them.
package struct ComparedNumbers: Sendable {
  fileprivate let bytes: [UInt8]
}

extension Trainer {
  /// Everything that steps change. To set it, it must be of this network and this optimiser.
  package var state: TrainerState {
    get {
      TrainerState(
        parameters: parameters,
        optimizer: optimizer.stateNames.enumerated().map { index, name in
          TrainerState.Buffer(
            name: name, values: optimizer.withState(index) { state in state.indices.map { state[$0] } })
        }, gridExponents: grid.exponents, plateau: learningRate.plateau)
    }
    set {
      precondition(newValue.optimizer.map(\.name) == optimizer.stateNames, "the state of another optimiser")
      precondition((newValue.plateau == nil) == (learningRate.plateau == nil), "the state of another schedule")
      parameters = newValue.parameters
      for (index, buffer) in newValue.optimizer.enumerated() {
        optimizer.withMutableState(index) { state in
          for index in state.indices { state[index] = buffer.values[index] }
        }
      }
      grid.exponents = newValue.gridExponents
      learningRate.plateau = newValue.plateau
    }
  }

  /// The parameters in their layout.
  package var parameters: [Float] {
    get { network.parameters.array }
    set {
      network.update { parameters in
        for index in newValue.indices { parameters[index] = newValue[index] }
      }
    }
  }

  /// Sets the parameters of the network for inference, whatever the state of the optimiser.
  package mutating func use(_ model: [Float]) {
    parameters = model
    optimizer.startAverage(from: network)
  }

  /// The names of the optimiser's buffers, in its order.
  package var optimizerStateNames: [String] { optimizer.stateNames }

  /// A digest of everything that steps change, and of what is derived from it, read in place: a bit that flips in the transposed
  /// weights would reach the gradients of all ranks alike, and no comparison of ``state`` would ever find it.
  package var stateDigest: [UInt8] { stateDigest(numbersDigest) }

  private func stateDigest(_ numbers: BitDigest) -> [UInt8] {
    var digest = numbers
    if let plateau = learningRate.plateau {
      digest.update([plateau.learningRate, plateau.best ?? .nan].span)
      digest.update([plateau.wait, plateau.rest].span)
    }
    return digest.bytes
  }

  /// The same without the state of the schedule, which moves after a comparison.
  private var numbersDigest: BitDigest {
    var digest = BitDigest()
    network.withNumbers { digest.update($0) }
    for index in optimizer.stateNames.indices { optimizer.withState(index) { digest.update($0) } }
    digest.update(grid.exponents.span)
    return digest
  }

  /// ``state``, if it is still what the ranks compared when ``requireEqualReplicas(after:_:)`` returned `digest`. Memory corrupted
  /// since then would get into a checkpoint, and from there into every rank that resumes.
  package func state(comparedAs digest: ComparedNumbers) throws -> TrainerState {
    let state = state
    // After the copy, which is taken from the memory that is looked at here.
    guard numbersDigest.bytes == digest.bytes else {
      throw Failure(
        .ranksDisagree,
        "the parameters have changed in the memory of rank 0 since the end of the last step; its host's memory or processor may be "
          + "faulty: leave it out and continue with --resume")
    }
    return state
  }

  /// Compares what the ranks have computed, which must be the same bits.
  /// - Collective: every rank of the communicator calls it.
  @discardableResult
  package func requireEqualReplicas(
    after place: String, _ communicator: borrowing Communicator
  ) throws -> ComparedNumbers {
    let digest = numbersDigest
    let numbers = ComparedNumbers(bytes: digest.bytes)
    guard communicator.size > 1 else { return numbers }
    try communicator.requireAgreement(
      on: [
        SharedFact(
          name: "parameters", value: stateDigest(digest),
          advice: "memory or processor of such a host may be faulty: leave it out and continue with --resume")
      ], when: "after \(place)")
    return numbers
  }

  /// Whether all parameters are finite, and all that the optimiser keeps.
  package var isFinite: Bool {
    network.parameters.allSatisfy(\.isFinite)
      && optimizer.stateNames.indices.allSatisfy { index in
        optimizer.withState(index) { state in state.indices.allSatisfy { state[$0].isFinite } }
      }
  }

  /// Whether the parameters are worth a checkpoint: finite, and with a finite loss on the validation events (or, without
  /// them, on the first training events). The same on all ranks whose replicas are equal.
  /// - Collective: every rank of the communicator calls it.
  package mutating func isSound(_ validation: Evaluation?, _ communicator: borrowing Communicator) throws -> Bool {
    // A collective: also on a rank whose parameters are not finite.
    let evaluation = try validation ?? evaluate(events.training.prefix(256), communicator)
    return isFinite && evaluation?.loss.isFinite ?? true
  }
}
