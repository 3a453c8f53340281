import Events
import Runs
import Testing

@Suite struct RareClassesTests {
  private func rare(_ counts: [Int], batch: Int, shuffles: Bool = true) -> RareClasses {
    RareClasses(
      counts.indices.map { "c\($0)" }, counts.map { EventCounts(training: $0, test: 1000) }, batchSize: batch,
      shuffles: shuffles)
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { power, _ in power * base }
  }

  /// (1 − 1/101)^B is ½ between B = 69 and 70.
  @Test(arguments: [1, 32, 69, 70, 128])
  func aClassIsRareWhereMostBatchesLackIt(batch: Int) throws {
    let found = rare([10, 1000], batch: batch)
    let share = power(1 - 10.0 / 1010, batch)
    #expect(found.classes.map(\.name) == (batch < 70 ? ["c0"] : []))
    if let first = found.classes.first { #expect(abs(first.shareWithout - share) < 1e-14) }
    #expect(found.sufficientBatchSize == max(batch, 70) && (found.warning == nil) == (batch >= 70))
  }

  @Test func theSufficientBatchIsTheSmallest() {
    for counts in [[1, 999], [3, 50, 2], [7, 7, 7], [1, 1_000_000]] {
      let found = rare(counts, batch: 1)
      let size = found.sufficientBatchSize
      #expect(rare(counts, batch: size).classes.isEmpty && !rare(counts, batch: size - 1).classes.isEmpty, "\(counts)")
    }
  }

  @Test func oneLineNamesThemAll() {
    #expect(
      rare([10, 1000, 10], batch: 32).warning
        == "most batches hold no event of c0 (missing from 73 %), c2 (73 %); raise training.batch_size (now 32) to "
        + "71 or more, and training.optimizer.learning_rate in proportion")
    #expect(rare([1, 1_000_000], batch: 1).warning?.contains("c0 (missing from over 99.9 %)") == true)
    #expect(rare([1, 150], batch: 1).warning?.contains("c0 (missing from 99.3 %)") == true)
  }

  /// Two classes alike, in batches of a single event: each holds one of two.
  @Test func halfIsNotMost() {
    #expect(rare([50, 50], batch: 1).classes.isEmpty && rare([50, 50, 50], batch: 1).classes.count == 3)
  }

  /// A single batch holds all events; a process without training events is none of the training.
  @Test func nothingIsRareInAllEvents() {
    for shuffles in [true, false] {
      #expect(rare([1, 9], batch: 10, shuffles: shuffles).classes.isEmpty)
      #expect(rare([1, 9], batch: 1000, shuffles: shuffles).classes.isEmpty)
    }
    #expect(rare([0, 90], batch: 10).classes.isEmpty)
  }

  /// In the order of the files: batches of 10 hold events 0 to 9, 10 to 19, …
  @Test func unshuffledBatchesAreCounted() {
    let found = rare([15, 45, 40], batch: 10, shuffles: false)
    #expect(found.classes.map(\.name) == ["c0", "c2"] && found.classes.map(\.shareWithout) == [0.8, 0.6])
    #expect(
      found.warning
        == "training.shuffle is false, so the events come class by class: most batches hold no event of "
        + "c0 (missing from 80 %), c2 (60 %); set training.shuffle: true")
    #expect(rare([50, 50], batch: 10, shuffles: false).classes.isEmpty)
  }

  /// In file order, events of a class may come in several pieces.
  @Test func piecesOfAClassAreCounted() throws {
    func shares(_ order: [(index: Int, events: Int)], batch: Int) -> [Double?] {
      let counts = (0..<2).map { index in
        EventCounts(training: order.filter { $0.index == index }.reduce(0) { $0 + $1.events })
      }
      let found = RareClasses(["a", "b"], counts, batchSize: batch, shuffles: false, order: order)
      return ["a", "b"].map { name in found.classes.first { $0.name == name }?.shareWithout }
    }
    #expect(shares([(0, 10), (1, 80), (0, 10)], batch: 10) == [0.8, nil])
    // Two pieces in one batch count once.
    #expect(shares([(0, 2), (1, 3), (0, 2), (1, 93)], batch: 10) == [0.9, nil])
    #expect(shares([(1, 95), (0, 1), (1, 2), (0, 2)], batch: 10) == [0.9, nil])
  }
}
