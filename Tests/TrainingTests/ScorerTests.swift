import Events
import KernelOperands
import NeuralNetwork
import Testing
import TestSupport
import Training

@Suite struct ScorerTests {
  private let tiny: TinyRun
  private let overrides = TinyRun.asWritten

  init() throws { tiny = try TinyRun(events: [40, 300, 20]) }

  /// Events of a chunk.
  private static let size = 100

  private func scores(
    _ network: borrowing Network, _ rows: [[Float]], _ standardization: Standardization, threads: Int = 1
  ) -> [Float] {
    var scorer = Scorer(layout: network.layout, standardization, threads: threads)
    let chunks = stride(from: 0, to: rows.count, by: Self.size).map { rows[$0..<min($0 + Self.size, rows.count)] }
    let parts = scorer.map(
      network, chunks.count, events: { chunks[$0].count },
      read: { index, inputs throws(Never) in
        for (place, value) in chunks[index].joined().enumerated() { inputs[place] = value }
      },
      finish: { index, chunk in
        chunk.inputs.count >= 3 * chunks[index].count ? chunk.scores : []
      })
    return parts.flatMap { $0.get() }
  }

  @Test func probabilitiesAreThoseOfTheTextbook() throws {
    let trainer = try tiny.trainer(overrides)
    let layout = trainer.network.layout
    let textbook = TextbookNetwork(
      layers: Model.Layer.layers(of: trainer.state.parameters, layout), activations: [.tanh, .relu])
    let found = scores(trainer.network, tiny.rows, .identity(features: 3))
    try #require(found.count == 3 * tiny.rows.count)
    for (row, event) in tiny.rows.enumerated() {
      let (mine, expected) = (found[3 * row..<3 * row + 3].map { Double($0) }, try textbook.probabilities(event))
      #expect(abs(mine.reduce(0, +) - 1) < 3e-7)
      for (probability, exact) in zip(mine, expected) {
        #expect(abs(probability - exact.value) <= exact.error && exact.error < 1e-4)
      }
    }
  }

  @Test func probabilitiesAreThoseOfStandardisedFeatures() throws {
    let trainer = try tiny.trainer(overrides)
    let standardization = Standardization(mean: [0.5, -1, 2], scale: [2, 0.5, 1])
    let moved = tiny.rows.map { row in zip(row, zip([0.5, -1, 2], [2, 0.5, 1])).map { ($0 - $1.0) * $1.1 } as [Float] }
    let mine = scores(trainer.network, tiny.rows, standardization)
    let expected = scores(trainer.network, moved, .identity(features: 3))
    let plain = scores(trainer.network, tiny.rows, .identity(features: 3))
    #expect(mine == expected && mine != plain)
  }

  /// The first fault is known by its chunk; the others are scored.
  @Test(arguments: [1, 3])
  func aChunkMayFail(threads: Int) throws {
    struct Fault: Error, Equatable { var chunk: Int }
    let trainer = try tiny.trainer(overrides)
    var scorer = Scorer(layout: trainer.network.layout, .identity(features: 3), threads: threads)
    let parts = scorer.map(
      trainer.network, 5, events: { $0 + 1 },
      read: { index, _ throws(Fault) in if index % 2 == 1 { throw Fault(chunk: index) } },
      finish: { _, chunk in chunk.scores.count })
    #expect(parts == [.success(3), .failure(Fault(chunk: 1)), .success(9), .failure(Fault(chunk: 3)), .success(15)])
  }

  @Test func threadsDoNotMatter() throws {
    let trainer = try tiny.trainer(overrides)
    let standardization = Standardization(mean: [0.5, -1, 2], scale: [2, 0.5, 1])
    let one = scores(trainer.network, tiny.rows, standardization)
    #expect(one == scores(trainer.network, tiny.rows, standardization, threads: 4) && one.count == 3 * tiny.rows.count)
  }
}
