import FoundationEssentials
import Results
import Testing

@Suite struct EvaluationTests {
  private let evaluation = Evaluation(
    Statistics(loss: 6, weight: 4, events: 10, correct: 7, confusion: [[4, 1], [2, 3]]))

  @Test func isWhatWasCounted() {
    #expect(evaluation.metrics.values == [1.5, 0.7] && evaluation.events == 10)
    #expect(evaluation.confusion == [[4, 1], [2, 3]])
  }

  @Test func metricsAreBesideTheOtherKeys() throws {
    struct Decoded: Decodable, Equatable {
      var loss: Double
      var accuracy: Double
      var events: Int
      var confusion: [[Int]]
    }
    struct Keys: Decodable {
      var keys: [String]
      init(from decoder: any Decoder) throws {
        keys = try decoder.container(keyedBy: TextKey.self).allKeys.map(\.stringValue)
      }
    }
    let json = try JSONEncoder().encode(evaluation)
    let decoded = try JSONDecoder().decode(Decoded.self, from: json)
    #expect(decoded == Decoded(loss: 1.5, accuracy: 0.7, events: 10, confusion: [[4, 1], [2, 3]]))
    #expect(
      try JSONDecoder().decode(Keys.self, from: json).keys.sorted() == ["accuracy", "confusion", "events", "loss"])
  }
}
