import Events
import Formats
import Foundation
import Machine
import MPI
import Testing
import TestSupport

@Suite struct EventStoreTests {
  static let names = ["pt", "eta"]

  static func processes(_ counts: [Int]) -> [ProcessEvents] {
    counts.enumerated().map { process, count in
      let values: [Float] = (0..<count).flatMap { (event: Int) -> [Float] in
        [Float(process * 1000 + event), Float(event % 3)]
      }
      return ProcessEvents(
        name: "p\(process)", files: [EventFile(process: "p\(process)", path: "p\(process).txt", events: count)],
        table: EventTable(features: 2, values: values))
    }
  }

  static let split = Split(train: 0.6, validation: 0.2, test: 0.2)

  static func store(
    _ processes: [ProcessEvents], split: Split = split, seed: UInt64 = 1,
    scaling: Scaling = .given(.identity(features: 2)), weights: ClassWeights = .none
  ) throws -> EventStore {
    var division = try EventDivision(
      processes, featureNames: names, split: split, seed: seed, scaling: scaling, classWeights: weights)
    var fault: DataError?
    let store = EventStore(division.header) { contents in
      do throws(DataError) { try division.move(to: &contents) } catch { fault = error }
    }
    if let fault { throw fault }
    #expect(division.processes.isEmpty, "every process gives up its events")
    return store
  }

  static func store(
    _ counts: [Int], seed: UInt64 = 1, scaling: Scaling = .given(.identity(features: 2)), weights: ClassWeights = .none
  ) throws -> EventStore {
    try store(processes(counts), seed: seed, scaling: scaling, weights: weights)
  }

  @Test func everyEventStandsOnceInItsPartInFileOrder() throws {
    let store = try Self.store([50, 70, 30])
    #expect(store.events == 150)
    #expect(store.counts.map(\.total) == [50, 70, 30])
    let first = (0..<150).map { store.feature(0, ofRow: $0) }
    #expect(Set(first).count == 150)
    for (use, rows) in [
      (EventUse.training, store.training), (.validation, store.validation), (.test, store.test),
    ] {
      #expect(rows == store.rows(use) && rows.count == store.counts.total(use))
      let values = rows.map { first[$0] }
      #expect(values == values.sorted(), "by process, then in file order")
      for row in rows {
        let process = store.label(ofRow: row)
        #expect(Self.split.use(process: process, event: Int(first[row]) - process * 1000, seed: 1) == use)
      }
    }
  }

  @Test func moreEventsOfOneProcessMoveNoOther() throws {
    let few = try Self.store([50, 70])
    let many = try Self.store([50, 700])
    #expect(few.counts[0] == many.counts[0])
    func training(_ store: EventStore) -> [Float] {
      store.training.filter { store.label(ofRow: $0) == 0 }.map { store.feature(0, ofRow: $0) }
    }
    #expect(training(few) == training(many))
  }

  @Test func splitsHaveTheirShares() throws {
    let store = try Self.store([20_000])
    // Binomial: 5 σ of 20,000 draws is below 350.
    #expect(abs(store.training.count - 12_000) < 350 && abs(store.validation.count - 4_000) < 300)
  }

  @Test func standardizationIsThatOfTheTrainingEvents() throws {
    let store = try Self.store([500, 700], scaling: .measured)
    for feature in 0..<2 {
      let values = store.training.map { Double(store.feature(feature, ofRow: $0)) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(mean) < 1e-5 && abs(variance - 1) < 1e-5)
    }
    for row in 0..<store.events {
      #expect((2..<store.stride).allSatisfy { store.feature($0, ofRow: row) == 0 })
    }
  }

  @Test func aConstantFeatureIsOnlyShifted() throws {
    let table = EventTable(features: 2, values: (0..<100).flatMap { [Float(5), Float($0)] })
    let process = ProcessEvents(name: "p", files: [], table: table)
    let store = try Self.store([process], split: Split(train: 1, validation: 0, test: 0), scaling: .measured)
    #expect(store.standardization.scale[0] == 1 && store.feature(0, ofRow: 0) == 0)
  }

  @Test func balancedWeightsGiveEveryClassTheSameTotal() throws {
    let store = try Self.store([100, 1000, 300], weights: .balanced)
    let totals = (0..<3).map { label in
      store.training.filter { store.label(ofRow: $0) == label }.reduce(0.0) {
        $0 + Double(store.weight(ofRow: $1))
      }
    }
    for total in totals { #expect(abs(total / (Double(store.training.count) / 3) - 1) < 1e-6) }
  }

  /// Of the training events, and of no others.
  @Test func theMeanWeightIsThatOfTheTrainingEvents() throws {
    for weights in [ClassWeights.none, .balanced, .perClass([1000, 0.1, 3])] {
      let store = try Self.store([100, 1000, 300], weights: weights)
      let sum = store.training.reduce(0.0) { $0 + Double(store.weight(ofRow: $1)) }
      #expect(abs(store.meanWeight - sum / Double(store.training.count)) <= 1e-14 * store.meanWeight)
    }
    #expect(try Self.store([100, 1000, 300]).meanWeight == 1)
    #expect(try Self.store([100, 1000, 300], weights: .perClass([0.1, 0.1, 0.1])).meanWeight == Double(Float(0.1)))
  }

  @Test func aGivenMeanWeightIsKept() throws {
    let split = Split(train: 0, validation: 0, test: 1)
    let header = try EventDivision(
      Self.processes([5, 6]), featureNames: Self.names, split: split, seed: 1, scaling: .given(.identity(features: 2)),
      classWeights: .perClass([2, 3]), meanWeight: 2.25
    ).header
    #expect(header.meanWeight == 2.25 && header.classWeights == [2, 3] && !header.weighsEventsEqually)
    #expect(try Self.store([5, 6], weights: .perClass([2, 2])).header.weighsEventsEqually)
  }

  @Test func aProcessWithoutTrainingEventsIsRefused() {
    #expect(throws: DataError.self) { try Self.store([100, 0]) }
  }

  @Test func everyRowKnowsItsEvent() throws {
    let store = try Self.store([50, 70, 30], seed: 5)
    for row in 0..<store.events {
      // Its first feature tells where it was.
      #expect(store.feature(0, ofRow: row) == Float(store.label(ofRow: row) * 1000 + Int(store.identity(ofRow: row))))
    }
  }

  @Test func aShareOfZeroIsNone() throws {
    // Together 1 but for a rounding, and far from it.
    for share in [0.999_999_9, 0.5] {
      let all = try Self.store(Self.processes([3000]), split: Split(train: share, validation: 0, test: 0))
      #expect(all.training.count == 3000)
      let noTest = try Self.store(Self.processes([3000]), split: Split(train: 0.4, validation: share - 0.4, test: 0))
      #expect(noTest.test.isEmpty && !noTest.validation.isEmpty)
    }
    let tests = try Self.store(Self.processes([30]), split: Split(train: 0, validation: 0, test: 1))
    #expect(tests.test == 0..<30)
  }

  // MARK: Columns

  /// A store of 7 events, whose numbers are all different, with as many columns.
  private static func store(
    weights: [String], observers: [String], change: (inout SharedMemory.Contents) -> Void = { _ in }
  )
    -> EventStore
  {
    let header = EventStore.Header(
      classNames: ["a"], featureNames: names, counts: [EventCounts(training: 4, validation: 2, test: 1)],
      standardization: .identity(features: 2), classWeights: [1], weights: weights.map { .init(.variation($0)) },
      observerNames: observers)
    let layout = header.layout
    return EventStore(header) { contents in
      contents.write(layout.features) { for index in $0.indices { $0[index] = Float(index) } }
      contents.write(layout.classes) { for row in $0.indices { $0[row] = Int32(-row) } }
      for column in weights.indices {
        contents.write(layout.weights(column)) { for row in $0.indices { $0[row] = Float(1000 * column + row) + 0.5 } }
      }
      for column in observers.indices {
        contents.write(layout.observers(column)) {
          for row in $0.indices { $0[row] = Float(-1000 * column - row) - 0.5 }
        }
      }
      contents.write(layout.identities) { for row in $0.indices { $0[row] = UInt64.max - UInt64(row) } }
      change(&contents)
    }
  }

  @Test(arguments: [(0, 0), (1, 0), (0, 1), (2, 3)])
  func everyColumnKeepsItsNumbers(_ weights: Int, _ observers: Int) {
    let (weightNames, observerNames) = (["w", "w_up"], ["m", "x", "y"])
    let store = Self.store(
      weights: Array(weightNames.prefix(weights)), observers: Array(observerNames.prefix(observers)))
    let layout = store.layout
    #expect(store.withSpan(layout.features) { span in span.indices.allSatisfy { span[$0] == Float($0) } })
    #expect(store.withSpan(layout.classes) { span in span.indices.map { span[$0] } } == (0..<7).map { -$0 })
    for column in 0..<weights {
      let numbers = store.withSpan(layout.weights(column)) { span in span.indices.map { span[$0] } }
      #expect(numbers == (0..<7).map { Float(1000 * column + $0) + 0.5 })
    }
    for column in 0..<observers {
      let numbers = store.withSpan(layout.observers(column)) { span in span.indices.map { span[$0] } }
      #expect(numbers == (0..<7).map { Float(-1000 * column - $0) - 0.5 })
    }
    #expect((0..<7).allSatisfy { store.identity(ofRow: $0) == UInt64.max - UInt64($0) })
    // Four bytes a number, eight an identity, nothing else but what aligns those.
    let numbers = 7 * (16 + 1 + weights + observers) * 4
    #expect(layout.byteCount == (numbers + 7) / 8 * 8 + 7 * 8)
    #expect(
      store.withBytes { bytes in
        bytes.count == layout.byteCount && (numbers..<layout.identities.offset).allSatisfy { bytes[$0] == 0 }
      })
  }

  @Test func theDigestCoversWhatFilesDecide() throws {
    let plain = try Self.store([50, 71], scaling: .measured)
    // The bytes that checkpoints vouch for: features with their padding, then classes.
    var bytes: [UInt8] = []
    for row in 0..<121 {
      bytes.append(bytesOf: (0..<16).map { $0 < 2 ? plain.feature($0, ofRow: row) : 0 })
    }
    bytes.append(bytesOf: (0..<121).map { Int32(plain.label(ofRow: $0)) })
    #expect(plain.digest == SHA256.hexDigest(of: bytes.span))

    let layout = Self.store(weights: ["w"], observers: ["m"]).layout
    func digest(_ change: (inout SharedMemory.Contents) -> Void) -> String {
      Self.store(weights: ["w"], observers: ["m"], change: change).digest
    }
    let digests = [
      digest { _ in }, digest { $0.write(layout.features) { $0[111] += 1 } },
      digest { $0.write(layout.classes) { $0[6] += 1 } }, digest { $0.write(layout.weights(0)) { $0[6] += 1 } },
      digest { $0.write(layout.observers(0)) { $0[6] += 1 } },
    ]
    #expect(Set(digests).count == 5)
    #expect(digest { $0.write(layout.identities) { $0[6] = 0 } } == digests[0])
  }

  @Test func identitiesOfFilesAreKept() throws {
    let folder = try TemporaryFolder()
    func store(_ third: String) throws -> EventStore {
      try folder.write("a.csv", "pt,event,eta\n1,9223372036854775809,2\n3,7,4\n5,\(third),6\n")
      return try Self.store(
        try readProcesses(
          [ProcessFiles(name: "a", files: ["a.csv"])], directory: folder.path,
          EventRequest(layout: .eventsByRow, features: Self.names, identity: ["event"])),
        split: Split(train: 1, validation: 0, test: 0))
    }
    let first = try store("18446744073709551615")
    let identity = EventIdentity(process: "a")
    #expect((0..<3).map(first.identity) == [1 << 63 + 1, 7, .max].map { identity.key([$0]) })
    #expect((0..<3).map { first.feature(1, ofRow: $0) } == [2, 4, 6])
    #expect(first.header.hasGivenIdentities)
    #expect(try first.digest != store("18446744073709551614").digest)
  }

  @Test func theHeaderSurvivesJSONBitForBit() throws {
    var random = SeededGenerator(state: 11)
    let special: [Float] = [
      -0.0, 0, 1, .leastNonzeroMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude, .pi, 0.1,
    ]
    let floats =
      special
      + (0..<10_000).map { _ in
        let float = Float(bitPattern: UInt32.random(in: 0 ... .max, using: &random))
        return float.isFinite ? float : 1
      }
    let header = EventStore.Header(
      classNames: ["a\n", "ä"], featureNames: floats.indices.map { "f\($0)" },
      counts: [EventCounts(training: 1, validation: 2, test: .max)],
      standardization: Standardization(mean: floats, scale: floats.reversed()), classWeights: floats)
    let read = try JSONDecoder().decode(EventStore.Header.self, from: JSONEncoder().encode(header))
    #expect(read == header)
    #expect(read.standardization.mean.map(\.bitPattern) == floats.map(\.bitPattern))
    #expect(read.classWeights.map(\.bitPattern) == floats.map(\.bitPattern))
  }
}
