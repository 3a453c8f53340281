package import Events
package import NeuralNetwork

/// Scores events by a trained network, in chunks, with all threads of a rank.
package struct Scorer: ~Copyable {
  private let scaling: InputScaling
  private var engine: GradientEngine

  /// Events that a thread takes through the network at a time: their inputs and outputs stay in its cache.
  private static let block = 128

  package init(layout: ParameterLayout, _ standardization: Standardization, threads: Int) {
    scaling = InputScaling(means: standardization.mean, scales: standardization.scale)
    engine = GradientEngine(layout: layout, capacity: Self.block, threads: threads, training: false)
  }

  /// The threads that score.
  package var threads: Int { engine.threads }

  /// The network's inputs of some events, and what it makes of them.
  package struct Chunk {
    /// (events, inputs), before the standardisation, and some floats behind them.
    package var inputs: [Float]
    /// Class probabilities: (events, classes).
    package var scores: [Float]
  }

  /// What `finish` makes of each of `count` chunks, in their order. `read` fills the inputs of chunk `index`, which has `events(index)`
  /// events. Several threads call all three at the same time, with different numbers.
  package mutating func map<Value, Failure: Error>(
    _ network: borrowing Network, _ count: Int, events: (_ index: Int) -> Int,
    read: (_ index: Int, _ inputs: inout MutableSpan<Float>) throws(Failure) -> Void,
    finish: (_ index: Int, Chunk) -> Value
  ) -> [Result<Value, Failure>] {
    let features = network.layout.layers[0].inputs
    let scaling = scaling
    return engine.mapScoring(count) { index, scorer in
      let events = events(index)
      var inputs = [Float](repeating: 0, count: events * features + BlockScorer.padding)
      do throws(Failure) {
        var span = inputs.mutableSpan
        try read(index, &span)
      } catch { return .failure(error) }
      let scores = scorer.probabilities(of: network, inputs.span, events: events, scaling)
      return .success(finish(index, Chunk(inputs: inputs, scores: scores)))
    }
  }
}
