import FoundationEssentials
import Machine
import MPI
import Testing

/// One rank alone; values go through JSON only where there are several, so its coding is tested by itself.
@Suite struct CommunicatorValuesTests {
  private struct Value: Codable, Equatable {
    var counts: [UInt64]
    var doubles: [Double]
    var floats: [Float]
    var text: String
    var place: Int?
  }

  private let value = Value(
    counts: [.max, .max - 1, 1 << 53 + 1, 0],
    doubles: [.leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1 + 0.2, -0.0, 1 / 3, .ulpOfOne],
    floats: [.leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1, 1 / 3], text: "“a\u{1}\n/", place: nil)

  @Test func aloneEverybodyHasWhatOneHas() throws {
    let solo = Communicator.solo()
    #expect(try solo.gather(value) == [value])
    // Not even what JSON cannot say is changed.
    #expect(try solo.gather(Double.infinity) == [.infinity])
    #expect(try solo.fromRoot { value } == value)
    #expect(try solo.fromRoot { Double.infinity } == .infinity)
    #expect(try solo.fromRoot { [1, 2, 3] as [UInt8] } == [1, 2, 3])
    #expect(try solo.fromRoot { [] as [UInt8] } == [])
    var calls = 0
    try solo.onRoot { calls += 1 }
    #expect(calls == 1)
  }

  /// What fails on rank 0 fails with its code and its words on all.
  @Test(arguments: [ExitCode.usage, .badData, .missing, .inputOutput, .diverged, .ranksDisagree, .stopped])
  func failuresAreThoseOfAll(code: ExitCode) throws {
    let solo = Communicator.solo()
    let expected = Failure(code, "runs/a: “no” room")
    let value = #expect(throws: AgreedFailure.self) { try solo.fromRoot { () throws -> Int in throw expected } }
    #expect(value?.failure == expected && value?.exitCode == code && value?.description == expected.description)
    let bytes = #expect(throws: AgreedFailure.self) { try solo.fromRoot { () throws -> [UInt8] in throw expected } }
    #expect(bytes?.failure == expected)
    let writing = #expect(throws: AgreedFailure.self) { try solo.onRoot { throw expected } }
    #expect(writing?.failure == expected)
  }

  @Test func otherErrorsAreInternal() throws {
    struct Surprise: Error, CustomStringConvertible { var description: String { "nobody expects it" } }
    let failure = #expect(throws: AgreedFailure.self) { try Communicator.solo().onRoot { throw Surprise() } }
    #expect(failure?.failure == Failure(.internalError, "nobody expects it"))
    #expect(Failure(AgreedFailure(.badData, "x")) == Failure(.badData, "x"))
  }

  /// The watchdog has the patience of what is done, and afterwards that of what was done before.
  @Test func theWatchdogKnowsThePhase() throws {
    let solo = Communicator.solo()
    let watchdog = solo.watchdog
    watchdog.enter(.training)
    try solo.onRoot { #expect(watchdog.currentPhase == .writing) }
    #expect(watchdog.currentPhase == .training)
    let phase = try solo.fromRoot { watchdog.currentPhase.rawValue }
    #expect(phase == Watchdog.Phase.reading.rawValue)
    #expect(throws: AgreedFailure.self) { try solo.onRoot(.preparing) { throw Failure(.usage, "") } }
    #expect(watchdog.currentPhase == .training)
  }

  @Test func numbersKeepTheirBitsInJSON() throws {
    let again = try JSONDecoder().decode([Value].self, from: JSONEncoder().encode([value]))[0]
    #expect(again == value)
    #expect(again.doubles.map(\.bitPattern) == value.doubles.map(\.bitPattern))
    #expect(again.floats.map(\.bitPattern) == value.floats.map(\.bitPattern))
    var state: UInt64 = 1
    for _ in 0..<1000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Double(bitPattern: state)
      guard number.isFinite else { continue }
      let (word, same) = try JSONDecoder().decode(
        [Pair].self, from: JSONEncoder().encode([Pair(word: state, number: number)]))[0].both
      #expect(word == state && same.bitPattern == number.bitPattern)
    }
  }

  private struct Pair: Codable {
    var word: UInt64
    var number: Double
    var both: (UInt64, Double) { (word, number) }
  }
}
