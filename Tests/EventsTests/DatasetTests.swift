import Events
import Testing

@Suite struct DatasetTests {
  static let names = ["pt", "eta"]

  static func processes(_ counts: [Int]) -> [ProcessEvents] {
    counts.enumerated().map { process, count in
      let values: [Float] = (0..<count).flatMap { (event: Int) -> [Float] in
        [Float(process * 1000 + event), Float(event % 3)]
      }
      return ProcessEvents(
        name: "p\(process)", files: [.init(path: "p\(process).txt", events: count)],
        table: EventTable(features: 2, values: values))
    }
  }

  static func dataset(
    _ counts: [Int], split: Split = Split(training: 0.6, validation: 0.2), seed: UInt64 = 1,
    scaling: Dataset.Scaling = .given(.identity(features: 2)), weights: Dataset.ClassWeights = .none
  ) throws -> Dataset {
    try Dataset(
      processes(counts), featureNames: names, split: split, seed: seed, scaling: scaling, classWeights: weights)
  }

  @Test func everyEventStandsOnceInItsPartInFileOrder() throws {
    let dataset = try Self.dataset([50, 70, 30])
    #expect(dataset.events == 150)
    #expect(dataset.counts.map(\.total) == [50, 70, 30])
    let first = (0..<150).map { dataset.feature(0, ofRow: $0) }
    #expect(Set(first).count == 150)
    let split = Split(training: 0.6, validation: 0.2)
    for (part, rows) in [
      (Split.Part.training, dataset.training), (.validation, dataset.validation), (.test, dataset.test),
    ] {
      let values = rows.map { first[$0] }
      #expect(values == values.sorted(), "by process, then in file order")
      for row in rows {
        let process = dataset.label(ofRow: row)
        #expect(split.part(process: process, event: Int(first[row]) - process * 1000, seed: 1) == part)
      }
    }
  }

  @Test func moreEventsOfOneProcessMoveNoOther() throws {
    let few = try Self.dataset([50, 70])
    let many = try Self.dataset([50, 700])
    #expect(few.counts[0] == many.counts[0])
    func training(_ dataset: Dataset) -> [Float] {
      dataset.training.filter { dataset.label(ofRow: $0) == 0 }.map { dataset.feature(0, ofRow: $0) }
    }
    #expect(training(few) == training(many))
  }

  @Test func splitsHaveTheirShares() throws {
    let dataset = try Self.dataset([20_000])
    // Binomial: 5 σ of 20,000 draws is below 350.
    #expect(abs(dataset.training.count - 12_000) < 350 && abs(dataset.validation.count - 4_000) < 300)
  }

  @Test func standardizationIsThatOfTheTrainingEvents() throws {
    let dataset = try Self.dataset([500, 700], scaling: .measured)
    for feature in 0..<2 {
      let values = dataset.training.map { Double(dataset.feature(feature, ofRow: $0)) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(mean) < 1e-5 && abs(variance - 1) < 1e-5)
    }
    for row in 0..<dataset.events {
      #expect((2..<dataset.stride).allSatisfy { dataset.feature($0, ofRow: row) == 0 })
    }
  }

  @Test func aConstantFeatureIsOnlyShifted() throws {
    let table = EventTable(features: 2, values: (0..<100).flatMap { [Float(5), Float($0)] })
    let process = ProcessEvents(name: "p", files: [], table: table)
    let dataset = try Dataset(
      [process], featureNames: Self.names, split: Split(training: 1, validation: 0), seed: 1, scaling: .measured,
      classWeights: .none)
    #expect(dataset.standardization.scale[0] == 1 && dataset.feature(0, ofRow: 0) == 0)
  }

  @Test func balancedWeightsGiveEveryClassTheSameTotal() throws {
    let dataset = try Self.dataset([100, 1000, 300], weights: .balanced)
    let totals = (0..<3).map { label in
      dataset.training.filter { dataset.label(ofRow: $0) == label }.reduce(0.0) {
        $0 + Double(dataset.weight(ofRow: $1))
      }
    }
    for total in totals { #expect(abs(total / (Double(dataset.training.count) / 3) - 1) < 1e-6) }
  }

  @Test func aProcessWithoutTrainingEventsIsRefused() {
    #expect(throws: DataError.self) { try Self.dataset([100, 0]) }
  }

  @Test func movingGivesUpTheEventsOfEveryProcess() throws {
    var processes = Self.processes([50, 70])
    let division = try DatasetDivision(processes, split: Split(training: 0.6, validation: 0.2), seed: 1)
    #expect(division.numbers(features: 2) == 120 * 17)
    var numbers = [Float](repeating: .nan, count: 120 * 17)
    var span = numbers.mutableSpan
    _ = division.move(&processes, to: &span, features: 2, scaling: .given(.identity(features: 2)))
    #expect(processes.allSatisfy { $0.table.values.isEmpty })
    let dataset = try Self.dataset([50, 70])
    #expect(dataset.withNumbers { all in numbers.indices.allSatisfy { all[$0] == numbers[$0] } }, "nothing is left out")
  }

  @Test(arguments: [0, 1, 5, 32, 33, 70])
  func gatheringFollowsTheOrder(_ count: Int) throws {
    let dataset = try Self.dataset([100, 100])
    let shuffle = Shuffle(count: dataset.training.count, seed: 1, epoch: 1)
    for (order, row) in [
      (EventOrder.shuffled(shuffle), { shuffle[$0] }), (.sequential(first: 7), { 7 + $0 }),
    ] as [(EventOrder, (Int) -> Int)] {
      var features = [Float](repeating: -1, count: count * 8)
      var labels = [Int32](repeating: -1, count: count)
      var weights = [Float](repeating: -1, count: count)
      var f = features.mutableSpan
      var l = labels.mutableSpan
      var w = weights.mutableSpan
      let rows = dataset.gather(3..<3 + count, in: order, featureStride: 8, features: &f, labels: &l, weights: &w)
      #expect(rows == count)
      for index in 0..<count {
        for column in 0..<8 {
          #expect(features[index * 8 + column] == dataset.feature(column, ofRow: row(3 + index)))
        }
        #expect(Int(labels[index]) == dataset.label(ofRow: row(3 + index)))
        #expect(weights[index] == 1)
      }
    }
  }
}
