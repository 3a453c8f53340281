import Events
import RunFiles
import Runs
import Testing

@Suite struct RunPlanTests {
  /// The plan of a training of two processes with so many events for training, validation and test.
  private func plan(
    _ counts: [[Int]], _ settings: String = "", ranks: Int = 1, threads: Int = 1
  ) throws -> RunPlan {
    let run = try RunFile(
      yaml: """
        data: {processes: [{name: s, files: [s.npy]}, {name: b, files: [b.npy]}], features: [x]}
        \(settings.contains("network") ? "" : "network: {hidden: [8]}")
        \(settings)
        """, named: "r.yaml")
    let processes = counts.enumerated().map { index, numbers in
      let counts = EventCounts(training: numbers[0], validation: numbers[1], test: numbers[2])
      return EventSurvey.Process(
        name: "sb".map(String.init)[index], classIndex: index, events: counts.total, eventsRead: counts.total,
        files: [],
        sample: EventSurvey.Sample(),
        totals: (0..<2).map { EventSurvey.Totals(counts: $0 == index ? counts : EventCounts()) })
    }
    return RunPlan(
      run, EventSurvey(features: ["x"], classes: ["s", "b"], processes: processes), ranks: ranks, threads: threads)
  }

  @Test func whatIsOrdinary() throws {
    let plan = try plan([[1000, 200, 200], [3000, 600, 600]])
    #expect(plan.findings == [] && plan.stepsPerEpoch == 32 && plan.blocks == 8)
    #expect(plan.trainingEvents == 4000 && plan.validationEvents == 800)
    #expect(
      plan.lines == [
        "Events: 4,000 training, 800 validation, 800 test",
        "Plan: 1 rank × 1 thread, 32 steps per epoch of 128 events in 8 blocks of up to 16",
      ])
    // Nothing is known of events that could not be read.
    #expect(try self.plan([]).findings == [] && self.plan([]).lines == [])
  }

  @Test(arguments: [
    ([[10, 200, 200], [3000, 600, 600]], "", ["rare-class", "few-training-events"]),
    ([[1000, 0, 200], [3000, 600, 20]], "", ["no-validation-events", "few-test-events"]),
    (
      [[1000, 200, 200], [300_000, 600, 600]], "training: {class_weights: none, batch_size: 1024}", ["class-imbalance"]
    ),
    ([[1000, 200, 200], [300_000, 600, 600]], "training: {batch_size: 1024}", []),
    ([[100, 200, 200], [100, 600, 600]], "network: {hidden: [200, 200]}", ["many-parameters"]),
    ([[100, 200, 200], [100, 600, 600]], "", []),
  ]) func whatIsNot(_ counts: [[Int]], _ settings: String, _ codes: [String]) throws {
    #expect(try plan(counts, settings).findings.map(\.code) == codes)
  }

  @Test func ranksWithoutWork() throws {
    let counts = [[1000, 200, 200], [3000, 600, 600]]
    #expect(try plan(counts, ranks: 9).findings.map(\.code) == ["idle-ranks"])
    #expect(try plan(counts, ranks: 8).findings == [])
    #expect(try plan(counts, ranks: 8, threads: 2).findings.map(\.code) == ["idle-threads"])
    #expect(try plan(counts, ranks: 9).workers(100) == 8)
  }
}
