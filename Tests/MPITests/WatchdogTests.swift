import MPI
import Testing

@Suite struct WatchdogTests {
  @Test func onlyStandingStillCounts() {
    var idleness = Idleness()
    #expect(idleness.wakeUp(WatchPosition(phase: .training, moves: 1)) == 0)
    #expect(idleness.wakeUp(WatchPosition(phase: .training, moves: 1)) == 1)
    #expect(idleness.wakeUp(WatchPosition(phase: .training, moves: 1)) == 2)
    #expect(idleness.wakeUp(WatchPosition(phase: .training, moves: 2)) == 0)
    #expect(idleness.wakeUp(WatchPosition(phase: .training, moves: 2, awaited: 3)) == 1)
  }

  @Test func saysWhereItWaitsAndForWhom() {
    let step = WatchPosition(phase: .training, epoch: 3, step: 17, awaited: 5)
    #expect(step.stall(seconds: 300).hasPrefix("no progress for 300 s in epoch 3, step 17, waiting for rank 5: "))
    #expect(step.stall(seconds: 300).contains("raise safety.watchdog if"))
    let files = WatchPosition(phase: .writing)
    #expect(files.stall(seconds: 9).hasPrefix("no progress for 9 s while rank 0 writes files: another rank"))
    #expect(files.stall(seconds: 9).contains("raise safety.watchdog_files if"))
  }

  @Test func advisesWhatHelps() {
    let alone = WatchPosition(phase: .training, epoch: 1, step: 2, hasOthers: false)
    #expect(!alone.stall(seconds: 9).contains("rank"))
    #expect(alone.stall(seconds: 9).contains("this host or a file system is stuck"))
    #expect(!WatchPosition(phase: .starting).stall(seconds: 9).contains("safety."))
  }

  @Test func everyPhaseHasItsWords() {
    let phases: [Watchdog.Phase] = [.starting, .reading, .preparing, .training, .evaluating, .writing, .ending]
    #expect(Set(phases.map { WatchPosition(phase: $0).stall(seconds: 1) }).count == phases.count)
  }

  /// A rank is stopped while the others wait for it in shared memory; the watchdog's limit is 2 s, or 5 s for a rank that
  /// does not wait there yet.
  @Test func aStoppedRankEndsAll() throws {
    let end = try ProbeTests().mpirun(3, ["stuck", "1"])
    #expect(end.code == 70, "\(end)")
    #expect(end.output.contains("no progress for") && end.output.contains("waiting for rank 1"), "\(end)")
  }
}
