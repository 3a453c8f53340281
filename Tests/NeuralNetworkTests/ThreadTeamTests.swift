import Foundation
import NeuralNetwork
import Testing

@Suite struct ThreadTeamTests {
  /// Plain numbers that several threads change, each one only its own: what a thread sanitizer watches.
  @safe final class Tally: @unchecked Sendable {
    private let counts: UnsafeMutableBufferPointer<Int>

    init(_ count: Int) {
      unsafe counts = .allocate(capacity: count)
      unsafe counts.initialize(repeating: 0)
    }

    deinit { unsafe counts.deallocate() }

    func count(_ index: Int) { unsafe counts[index] += 1 }
    subscript(index: Int) -> Int { unsafe counts[index] }
    var total: Int { unsafe counts.reduce(0, +) }
    func allEqual(_ value: Int) -> Bool { unsafe counts.allSatisfy { $0 == value } }
  }

  /// Longer than a helper stays awake.
  static let nap = 0.0004

  @Test(arguments: [1, 2, 3, 8]) func everyIndexRunsOnceInEveryCall(_ threads: Int) {
    let calls = 100_000
    let team = ThreadTeam(threads: threads)
    let most = 20
    let indices = Tally(most)
    let workers = Tally(threads + 1)
    var expected = 0
    var faults = 0
    for call in 0..<calls {
      if call % 1000 == 999 { Thread.sleep(forTimeInterval: Self.nap) }
      let (count, active) = (call % (most + 1), call % threads + 1)
      team.run(count, threads: active) { index, thread in
        indices.count(index)
        workers.count(thread < active ? thread : threads)
        // So that the caller sleeps, too.
        if call % 1000 == 500 && index == count - 1 { Thread.sleep(forTimeInterval: Self.nap) }
      }
      expected += count
      if indices.total != expected || workers.total != expected { faults += 1 }
    }
    #expect(faults == 0 && workers[threads] == 0)
    // Index i ran in every call of more than i.
    for index in 0..<most {
      let runs = (0..<calls).count { $0 % (most + 1) > index }
      #expect(indices[index] == runs)
    }
  }

  @Test func helpersTakePart() {
    let team = ThreadTeam(threads: 3)
    let workers = Tally(3)
    // Helpers begin when Dispatch has threads to spare: other tests may have them all for a while.
    let deadline = ContinuousClock.now + .seconds(600)
    while (0..<3).contains(where: { workers[$0] == 0 }) && ContinuousClock.now < deadline {
      team.run(30, threads: 3) { _, thread in
        workers.count(thread)
        Thread.sleep(forTimeInterval: 0.0002)
      }
    }
    for thread in 0..<3 { #expect(workers[thread] > 0) }
  }

  @Test func whatTheCallerWroteIsSeenAndWhatHelpersWroteAsWell() {
    let team = ThreadTeam(threads: 2)
    var values = [Int](repeating: 0, count: 64)
    var faults = 0
    for call in 1...20_000 {
      let before = values
      unsafe values.withUnsafeMutableBufferPointer { values in
        nonisolated(unsafe) let values = unsafe values
        team.run(before.count, threads: 2) { index, _ in unsafe values[index] = before[63 - index] + 1 }
      }
      if !values.allSatisfy({ $0 == call }) { faults += 1 }
    }
    #expect(faults == 0)
  }

  @Test func endsAsleepAwakeAndBeforeItBegan() {
    for round in 0..<300 {
      let team = ThreadTeam(threads: 1 + round % 5)
      let tally = Tally(8)
      if round % 3 > 0 { team.run(8, threads: 5) { index, _ in tally.count(index) } }
      if round % 3 == 2 { Thread.sleep(forTimeInterval: Self.nap) }
      #expect(tally.allEqual(round % 3 > 0 ? 1 : 0))
    }
  }

  @Test func teamsWorkSideBySideAndWithinEachOther() {
    let outer = ThreadTeam(threads: 3)
    let other = ThreadTeam(threads: 2)
    let tally = Tally(6 * 5)
    for _ in 0..<200 {
      outer.run(6, threads: 3) { row, _ in
        let inner = ThreadTeam(threads: 2)
        inner.run(5, threads: 2) { column, _ in tally.count(row * 5 + column) }
      }
      other.run(30, threads: 2) { index, _ in tally.count(index) }
    }
    #expect(tally.allEqual(400))
  }

  @Test func moreThreadsThanDispatchStartsDoNoHarm() {
    let team = ThreadTeam(threads: 600)
    let tally = Tally(2000)
    for _ in 0..<5 { team.run(2000, threads: 600) { index, _ in tally.count(index) } }
    #expect(tally.allEqual(5))
  }
}
