import Events
import Foundation
import KernelOperands
import MPI
import NeuralNetwork
import Results
import Testing
import TestSupport
import Training

@Suite struct EvaluatorTests {
  private let tiny: TinyRun
  private let overrides = TinyRun.asWritten + [(key: "training.class_weights", value: "[1, 2.5, 0.5]")]

  init() throws { tiny = try TinyRun(events: [40, 300, 20]) }

  /// What an evaluation counts, by hand from the probabilities of every event.
  private func byHand(_ rows: Range<Int>, _ textbook: TextbookNetwork) throws -> Statistics {
    var sums = Statistics(confusion: Array(repeating: [0, 0, 0], count: 3))
    for row in rows {
      let probabilities = try textbook.probabilities(tiny.rows[row])
      let ranking = [0, 1, 2].sorted { probabilities[$0].value > probabilities[$1].value }
      let (label, predicted) = (tiny.labels[row], ranking[0])
      let lead = probabilities[predicted].value - probabilities[ranking[1]].value
      try #require(lead > 2 * probabilities[predicted].error, "event \(row) is at the border of two classes")
      let weight = [1, 2.5, 0.5][label]
      // Relative to the mean of all training events, whichever of them are evaluated.
      let meanWeight = 800.0 / 360  // 40 · 1 + 300 · 2.5 + 20 · 0.5
      let loss = -log(probabilities[label].value)
      sums += Statistics(
        loss: loss * weight / meanWeight, unweightedLoss: loss, events: 1, correct: predicted == label ? 1 : 0)
      sums.confusion[label][predicted] += 1
    }
    return sums
  }

  /// Less than a block, several blocks, and rows in the middle.
  @Test(arguments: [0..<1, 30..<60, 0..<360, 17..<340])
  func metricsAreThoseOfTheProbabilities(_ rows: Range<Int>) throws {
    var trainer = try tiny.trainer(overrides)
    _ = try trainer.train(toEpoch: 1)
    let textbook = TextbookNetwork(
      layers: Model.Layer.layers(of: trainer.state.parameters, trainer.network.layout), activations: [.tanh, .relu])
    let expected = Evaluation(try byHand(rows, textbook), [.loss, .accuracy])
    let evaluation = try #require(try trainer.evaluate(rows, .solo()))
    #expect(evaluation.events == rows.count)
    #expect(evaluation.confusion == expected.confusion)
    #expect(evaluation.metrics["accuracy"] == expected.metrics["accuracy"])
    let (loss, exact) = (try #require(evaluation.metrics["loss"]), try #require(expected.metrics["loss"]))
    #expect(abs(loss - exact) < 1e-5 * exact)
    #expect(abs(evaluation.unweightedLoss - expected.unweightedLoss) < 1e-5 * expected.unweightedLoss)
    try #require(abs(exact - expected.unweightedLoss) > 0.01)
    #expect(evaluation.hasConstantScores == nil)
  }

  /// Weights that are all equal are none, to the bit.
  @Test func equalWeightsGiveOneLoss() throws {
    var trainer = try tiny.trainer(TinyRun.asWritten + [(key: "training.class_weights", value: "[4, 4, 4]")])
    let evaluation = try #require(try trainer.evaluate(0..<360, .solo()))
    #expect(evaluation.metrics["loss"] == evaluation.unweightedLoss && evaluation.unweightedLoss > 0)
  }

  /// Threads measure parts of the events; the last one alone may be the one that differs.
  @Test(arguments: [1, 3])
  func scoresThatAreTheSameForAllEventsAreFound(threads: Int) throws {
    var trainer = try tiny.trainer(
      TinyRun.asWritten + [(key: "network", value: "{hidden: [400], activation: relu}")], threads: threads)
    func isConstant(_ rows: Range<Int>) throws -> Bool? {
      try trainer.evaluate(rows, comparingScores: true, .solo())?.hasConstantScores
    }
    #expect(try isConstant(0..<360) == false && isConstant(0..<2) == false)
    // Of one event, nothing can be said.
    #expect(try isConstant(7..<8) == false)
    let layout = trainer.network.layout
    var layers = Model.Layer.layers(of: trainer.state.parameters, layout)
    // Dead units: what is left is the bias of the outputs.
    layers[0].biases = layers[0].biases.map { _ in -1e6 }
    layers[1].biases = [0.1, 0.7, 0.2]
    trainer.parameters = Model.Layer.values(layers, layout)
    #expect(try isConstant(0..<360) == true)
    // One unit that is alive for the largest of the last feature alone.
    let top = try #require(tiny.rows.map { $0[2] }.max())
    let second = try #require(tiny.rows.map { $0[2] }.sorted().dropLast().last)
    layers[0].weights[0..<3] = [0, 0, 1]
    layers[0].biases[0] = -(top + second) / 2
    layers[1].weights[0] = 100 / (top - second)
    trainer.parameters = Model.Layer.values(layers, layout)
    #expect(try isConstant(0..<360) == false)
  }

  @Test func noEventsHaveNoMetrics() throws {
    var trainer = try tiny.trainer(overrides)
    let (none, validation) = (
      try trainer.evaluate(5..<5, .solo()), try trainer.evaluate(trainer.events.validation, .solo())
    )
    #expect(none == nil && validation == nil)
  }

  @Test func threadsChangeNothing() throws {
    let evaluations = try [1, 2, 3].map { threads in
      var trainer = try tiny.trainer(overrides + [(key: "network.hidden", value: "[64, 64]")], threads: threads)
      return try trainer.evaluate(trainer.events.training, .solo())
    }
    #expect(evaluations[0] != nil && evaluations[0] == evaluations[1] && evaluations[0] == evaluations[2])
  }

  @Test func aLossThatIsNotFiniteIsNaN() throws {
    var trainer = try tiny.trainer(overrides)
    var state = trainer.state
    state.parameters = state.parameters.map { _ in .nan }
    trainer.state = state
    let evaluation = try #require(try trainer.evaluate(0..<300, .solo()))
    #expect(evaluation.metrics["loss"]?.isNaN == true && evaluation.events == 300)
  }
}
