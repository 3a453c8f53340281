import Events
import Testing
import TestSupport

@Suite struct EventSurveyTests {
  /// Two processes of a file each, x rising from 0 and y of the process.
  private func loader(_ folder: borrowing TemporaryFolder, events: Int, by rule: SplitRule = .random) throws
    -> EventLoader
  {
    for (name, value) in [("s", 1), ("b", 2)] {
      try folder.write("\(name).csv", "x,y,w\n" + (0..<events).map { "\($0),\(value),0.5\n" }.joined())
    }
    return EventLoader(
      processes: ["s", "b"].map { ProcessFiles(name: $0, files: ["\($0).csv"]) }, directory: folder.path,
      request: EventRequest(layout: .eventsByRow, features: ["x", "y"]),
      split: Split(train: 0.5, validation: 0.25, test: 0.25, by: rule), seed: 1, scaling: .measured,
      classWeights: .balanced)
  }

  @Test func allEvents() throws {
    let folder = try TemporaryFolder()
    var loader = try loader(folder, events: 100)
    loader.weighting = Weighting(columns: ["w"])
    let survey = loader.survey()
    #expect(survey.processes.map(\.name) == ["s", "b"] && survey.processes.map(\.classIndex) == [0, 1])
    #expect(survey.events == 200 && survey.eventsRead == 200 && survey.findings == [])
    let process = survey.processes[1]
    #expect(process.files.map(\.columns) == [[ColumnRange((0..<100).map { Float($0) }), ColumnRange([2])]])
    #expect(process.sample.values == (0..<100).flatMap { [Float($0), 2] } && process.sample.uses == process.uses)
    #expect(process.weights == WeightRange(Array(repeating: 0.5, count: 100)) && process.sample.weights[3] == 0.5)
    #expect(Set(process.hashes).count == 100 && process.files[0].unused == [])
    let counts = survey.counts
    #expect(counts[0].total == 100 && counts[0].training == survey.processes[0].uses.count { $0 == .training })
    let trained = Double(counts[1].training)
    #expect(process.totals[1].absolute == 0.5 * trained && process.totals[1].squares == 0.25 * trained)
    #expect(process.totals[0].counts.total == 0)
  }

  /// One event of each of equal parts, of those chunks that are read; the same whatever was read before.
  @Test func someOfMany() throws {
    let folder = try TemporaryFolder()
    let loader = try loader(folder, events: 100_000)
    let plan = SurveyPlan(eventsRead: 30_000, sampleSize: 100, seed: 3)
    let survey = loader.survey(plan)
    #expect(
      survey.events == 200_000
        && survey.processes.allSatisfy { $0.events == 100_000 && $0.hashes.count == $0.eventsRead })
    for process in survey.processes {
      #expect((30_000 - 8192...4 * 8192).contains(process.eventsRead))
      let x = (0..<100).map { process.sample.values[2 * $0] }
      #expect(process.sample.count == 100 && zip(x, x.dropFirst()).allSatisfy { $0 < $1 })
    }
    // Estimated for all.
    #expect(abs(survey.counts[0].total - 100_000) <= 3 && abs(survey.counts[0].training - 50_000) < 2000)
    #expect(loader.survey(plan).processes[0].sample.values == survey.processes[0].sample.values)
    #expect(
      loader.survey(SurveyPlan(eventsRead: 30_000, sampleSize: 100, seed: 4)).processes[0].sample.values
        != survey.processes[0].sample.values)
  }

  @Test func whatATrainingRefuses() throws {
    let folder = try TemporaryFolder()
    var loader = try loader(folder, events: 50)
    loader.weighting = Weighting(columns: ["y"])
    try folder.write("s.csv", "x,y,w\n" + String(repeating: "1,0,1\n", count: 50))
    try folder.write("b.csv", "x,y,w\n" + String(repeating: "2,0,1\n", count: 50))
    // Of one kind all.
    #expect(
      loader.survey().findings.filter { $0.severity == .error }.map(\.code) == [
        "nothing-to-train-on", "nothing-to-train-on",
      ])
    // One that cannot be read hides no other, and what can be read is looked at.
    loader.processes.append(ProcessFiles(name: "c", files: ["c.csv"]))
    try folder.write("b.csv", "x,y,w\n1,2,x\n1,oops,3\n")
    try folder.write("c.csv", "x\n1\n")
    let survey = loader.survey()
    #expect(
      survey.findings.map(\.code) == ["unreadable", "unreadable"]
        && survey.findings[0].file == "\(folder.path)/b.csv:3:3")
    #expect(survey.processes.map(\.name) == ["s"] && survey.findings[1].what.contains("no column is named y"))
  }
}
