import Results
import Testing

@Suite struct MetricTests {
  private let statistics = Statistics(loss: 15, events: 10, correct: 7)

  @Test func valuesAreThoseOfWhatWasCounted() {
    #expect(Metric.loss.value(statistics) == 1.5)
    #expect(Metric.accuracy.value(statistics) == 0.7)
    #expect(Metric.loss.value(Statistics(loss: .nan, events: 1)).isNaN)
  }

  /// Files of runs have them in this order.
  @Test func namesAreThoseOfTheFiles() {
    #expect(Metric.all.map(\.name) == ["loss", "accuracy", "weighted_accuracy", "auc"])
    #expect(Metric.all.map(\.usesWeights) == [true, false, true, true])
    #expect(Metric.all.ofSteps == [.loss, .accuracy])
    #expect(Metric.all.needScores && !Metric.all.dropLast().map { $0 }.needScores)
    #expect(Metric.all.allSatisfy { Metric(named: $0.name) == $0 } && Metric(named: "purity") == nil)
    #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
  }

  @Test func theBetterValueIsSmallerOrLarger() {
    #expect(Metric.loss.isBetter(1, than: 2) && !Metric.loss.isBetter(2, than: 1) && !Metric.loss.isBetter(1, than: 1))
    #expect(Metric.accuracy.isBetter(0.7, than: 0.6) && !Metric.accuracy.isBetter(0.6, than: 0.7))
    #expect(!Metric.accuracy.isBetter(0.6, than: 0.6))
  }

  @Test(arguments: Metric.all)
  func nanIsNeverBetterAndNoValueIsWorst(_ metric: Metric) {
    #expect(metric.isBetter(0.5, than: nil))
    #expect(metric.isBetter(0.5, than: nil, by: 3))
    #expect(!metric.isBetter(.nan, than: nil) && !metric.isBetter(.nan, than: 0.5))
  }

  /// As in Keras' EarlyStopping: better by more than the margin.
  @Test func anImprovementExceedsTheMargin() {
    #expect(Metric.loss.isBetter(1, than: 1.5, by: 0.25) && !Metric.loss.isBetter(1, than: 1.25, by: 0.25))
    #expect(Metric.auc.isBetter(0.75, than: 0.25, by: 0.25) && !Metric.auc.isBetter(0.75, than: 0.5, by: 0.25))
    // Losses may be negative.
    #expect(Metric.loss.isBetter(-2, than: -1) && !Metric.loss.isBetter(-1, than: -1.5))
  }

  @Test func weightedAccuracyIsByWeight() {
    var weighted = statistics
    (weighted.weight, weighted.correctWeight) = (4, 3)
    #expect(Metric.weightedAccuracy.value(weighted) == 0.75 && Metric.accuracy.value(weighted) == 0.7)
    weighted.weight = -1
    #expect(Metric.weightedAccuracy.value(weighted).isNaN)
    #expect(Metric.auc.value(weighted).isNaN, "nobody ranked the events")
  }

  @Test func valuesAreFoundByName() {
    let values = MetricValues(statistics, [.loss, .accuracy])
    #expect(values.values == [1.5, 0.7])
    #expect(values["loss"] == 1.5 && values["accuracy"] == 0.7 && values["purity"] == nil)
    #expect(values[.accuracy] == 0.7 && values[.auc].isNaN)
    #expect(values == MetricValues(values: [1.5, 0.7], of: [.loss, .accuracy]))
    #expect(values != MetricValues(values: [1.5, 0.7], of: [.accuracy, .loss]))
  }

  @Test func aNameIsAKeyAndNoNumber() {
    #expect(TextKey("loss").stringValue == "loss" && TextKey(stringValue: "loss")?.stringValue == "loss")
    #expect(TextKey("1").intValue == nil && TextKey(intValue: 1) == nil)
  }
}
