import FoundationEssentials
import Results
import Testing

@Suite struct StatisticsTests {
  @Test func stepsAddUp() {
    var sums = Statistics(loss: 1, unweightedLoss: 2, events: 3, correct: 1)
    sums += Statistics(loss: 0.5, unweightedLoss: 0.25, events: 4, correct: 2)
    #expect(sums == Statistics(loss: 1.5, unweightedLoss: 2.25, events: 7, correct: 3))
  }

  /// Checkpoints have these keys: another one, or one less, and old checkpoints could not be read.
  @Test func jsonHasExactlyItsKeys() throws {
    let sums = Statistics(loss: 1.5, unweightedLoss: 2, events: 3, correct: 1, confusion: [[1, 0], [2, 0]])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = String(decoding: try encoder.encode(sums), as: UTF8.self)
    #expect(json == #"{"correct":1,"events":3,"loss":1.5}"#)
  }

  @Test func numbersKeepTheirBits() throws {
    let sums = Statistics(loss: 0.1 + 0.2, events: .max, correct: 1 << 53 + 1)
    let again = try JSONDecoder().decode(Statistics.self, from: JSONEncoder().encode(sums))
    #expect(again == sums && again.confusion.isEmpty)
  }
}
