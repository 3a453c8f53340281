import Events
import Testing

@Suite struct EventOrderTests {
  @Test func anOrderTellsItsRows() {
    let shuffle = Shuffle(count: 100, seed: 1, epoch: 2)
    #expect((0..<100).map(EventOrder.shuffled(shuffle).row) == (0..<100).map { shuffle[$0] })
    #expect(EventOrder.sequential(first: 7).row(at: 3) == 10)
  }
}
