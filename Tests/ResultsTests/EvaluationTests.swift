import FoundationEssentials
import Results
import Testing

@Suite struct EvaluationTests {
  private let evaluation = Evaluation(
    Statistics(loss: 15, unweightedLoss: 5, events: 10, correct: 7, confusion: [[4, 1], [2, 3]]), [.loss, .accuracy])

  @Test func isWhatWasCounted() {
    #expect(evaluation.metrics.values == [1.5, 0.7] && evaluation.events == 10)
    #expect(evaluation.confusion == [[4, 1], [2, 3]] && evaluation.unweightedLoss == 0.5)
    #expect(evaluation.hasConstantScores == nil)
    #expect(Evaluation(Statistics(), [.loss], hasConstantScores: true).hasConstantScores == true)
  }

  @Test(
    arguments: [
      ([[4, 1], [2, 3]], []), ([[5, 0], [5, 0]], [1]), ([[0, 5], [0, 5]], [0]), ([[0, 0], [0, 5]], []),
      ([[3, 0, 0], [4, 0, 0], [0, 0, 0]], [1]), ([[0, 0, 1], [0, 0, 1], [0, 0, 1]], [0, 1]), ([], []),
    ] as [([[Int]], [Int])])
  func classesWithEventsThatAreNeverPredicted(confusion: [[Int]], classes: [Int]) {
    #expect(Evaluation(Statistics(events: 10, confusion: confusion), []).neverPredicted == classes)
  }

  @Test func metricsAreBesideTheOtherKeys() throws {
    struct Decoded: Decodable, Equatable {
      var loss: Double
      var unweighted_loss: Double
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
    #expect(
      decoded == Decoded(loss: 1.5, unweighted_loss: 0.5, accuracy: 0.7, events: 10, confusion: [[4, 1], [2, 3]]))
    #expect(
      try JSONDecoder().decode(Keys.self, from: json).keys.sorted() == [
        "accuracy", "confusion", "events", "loss", "unweighted_loss",
      ])
    #expect(evaluation.loss == 1.5)
  }

  @Test func theRankingHasItsOwnKeys() throws {
    var statistics = Statistics(loss: 15, events: 10)
    statistics.ranking = Ranking(areas: [0.75, 0.5, 1], bounds: [0.125, 0, 0.25])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = { (statistics: Statistics) in
      String(decoding: try encoder.encode(Evaluation(statistics, [.auc])), as: UTF8.self)
    }
    let end = #""confusion":[],"events":10,"unweighted_loss":0}"#
    #expect(try json(statistics) == #"{"auc":0.75,"auc_bound":0.125,"auc_by_class":[0.75,0.5,1],"# + end)
    // Of two classes there is one area.
    statistics.ranking = Ranking(areas: [0.75], bounds: [0.125])
    #expect(try json(statistics) == #"{"auc":0.75,"auc_bound":0.125,"# + end)
    #expect(Evaluation(statistics, [.auc]).loss == 1.5, "also where it is no metric of the run")
  }
}
