import Events
import Testing

@Suite struct EventOriginTests {
  @Test func everyRowKnowsItsEvent() throws {
    let split = Split(training: 0.6, validation: 0.2)
    let dataset = try DatasetTests.dataset([50, 70, 30], split: split, seed: 5)
    for row in 0..<dataset.events {
      let origin = dataset.origin(ofRow: row, split: split, seed: 5)
      // Its first feature tells where it was.
      #expect(dataset.feature(0, ofRow: row) == Float(origin.process * 1000 + origin.number))
      #expect(origin.process == dataset.label(ofRow: row))
    }
  }

  @Test func anOrderTellsItsRows() {
    let shuffle = Shuffle(count: 100, seed: 1, epoch: 2)
    #expect((0..<100).map(EventOrder.shuffled(shuffle).row) == (0..<100).map { shuffle[$0] })
    #expect(EventOrder.sequential(first: 7).row(at: 3) == 10)
  }
}
