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
    #expect(Metric.all.map(\.name) == ["loss", "accuracy"] && Metric.monitored.name == "loss")
    #expect(Metric.all.map(\.usesWeights) == [true, false])
    #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
  }

  @Test func theBetterValueIsSmallerOrLarger() {
    #expect(Metric.loss.isBetter(1, than: 2) && !Metric.loss.isBetter(2, than: 1) && !Metric.loss.isBetter(1, than: 1))
    #expect(Metric.accuracy.isBetter(0.7, than: 0.6) && !Metric.accuracy.isBetter(0.6, than: 0.7))
    #expect(!Metric.accuracy.isBetter(0.6, than: 0.6))
  }

  @Test(arguments: [Metric.loss, .accuracy])
  func nanIsNeverBetterAndNoValueIsWorst(_ metric: Metric) {
    #expect(metric.isBetter(0.5, than: nil))
    #expect(!metric.isBetter(.nan, than: nil) && !metric.isBetter(.nan, than: 0.5))
  }

  @Test func valuesAreFoundByName() {
    let values = MetricValues(statistics)
    #expect(values.values == [1.5, 0.7])
    #expect(values["loss"] == 1.5 && values["accuracy"] == 0.7 && values["purity"] == nil)
    #expect(values.monitored == 1.5)
    #expect(values == MetricValues(values: [1.5, 0.7]) && values != MetricValues(values: [0.7, 1.5]))
  }

  @Test func aNameIsAKeyAndNoNumber() {
    #expect(TextKey("loss").stringValue == "loss" && TextKey(stringValue: "loss")?.stringValue == "loss")
    #expect(TextKey("1").intValue == nil && TextKey(intValue: 1) == nil)
  }
}
