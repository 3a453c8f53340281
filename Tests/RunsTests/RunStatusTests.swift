import FoundationEssentials
import Results
import Runs
import Testing

@Suite struct RunStatusTests {
  private static let file = """
    {
      "epoch" : 12, "epochs" : 40, "events_per_second" : 2910718.2, "host" : "node01", "job" : "Slurm job 17",
      "loss" : 0.8934, "placement" : "8 ranks × 4 threads on 2 hosts", "process" : 4711, "program" : "dist-train",
      "seconds_left" : 200, "started" : "2026-11-27T19:00:00Z", "state" : "training", "step" : 67,
      "steps_per_epoch" : 134, "updated" : "2026-11-27T19:20:00Z", "validation_loss" : 0.9799, "best_epoch" : 9
    }
    """

  private func status() throws -> RunStatus { try #require(RunStatus.decoded(Array(Self.file.utf8))) }

  @Test func comesBackFromItsFile() throws {
    let status = try status()
    #expect(status.stepsPerEpoch == 134 && status.validationMonitored == 0.9799 && status.message == nil)
    #expect(RunStatus.decoded(status.encoded) == status)
    // Metrics stand there under their names.
    let text = String(decoding: status.encoded, as: UTF8.self)
    #expect(text.contains("\"loss\" : 0.8934") && text.contains("\"validation_loss\" : 0.9799"))
    var infinite = status
    infinite.monitored = .infinity
    #expect(RunStatus.decoded(infinite.encoded) == infinite)
    #expect(RunStatus.decoded([]) == nil && RunStatus.decoded(Array("{}".utf8)) == nil)
  }

  @Test func theMonitoredMetricHasItsName() throws {
    var status = try status()
    status.monitor = .auc
    (status.monitored, status.validationMonitored) = (nil, 0.875)
    let text = String(decoding: status.encoded, as: UTF8.self)
    #expect(text.contains("\"monitor\" : \"auc\"") && text.contains("\"validation_auc\" : 0.875"))
    #expect(!text.contains("loss") && RunStatus.decoded(status.encoded) == status)
    #expect(
      status.lines(folder: "runs/a", now: status.updated)[1]
        == "  validation auc 0.8750, best epoch 9, 2,910,718 events/s")
    #expect(RunStatus.decoded(Array(text.replacing("\"auc\"", with: "\"purity\"").utf8)) == nil)
  }

  @Test func tellsHowFarARunIs() throws {
    let status = try status()
    #expect(
      status.lines(folder: "runs/a", now: status.updated + 4) == [
        "runs/a: training, epoch 12 of 40, step 67 of 134 (28 %), 3 min 20 s left",
        "  loss 0.8934, validation loss 0.9799, best epoch 9, 2,910,718 events/s",
        "  8 ranks × 4 threads on 2 hosts; Slurm job 17; sign of life 4 s ago",
      ])
  }

  @Test func theBestLossStandsBesideTheBestEpoch() throws {
    let file = Self.file.replacing("\"best_epoch\" : 9", with: "\"best_epoch\" : 9, \"best_loss\" : 0.9712")
    let status = try #require(RunStatus.decoded(Array(file.utf8)))
    #expect(RunStatus.decoded(status.encoded) == status)
    let lines = status.lines(folder: "runs/a", now: status.updated)
    #expect(lines[1].contains("best epoch 9 (validation loss 0.9712), "))
  }

  @Test func aProcessThatIsGoneTrainsNoMore() throws {
    var status = try status()
    let lines = status.lines(folder: "runs/a", now: status.updated + 4, isGone: true)
    #expect(lines[0] == "runs/a: interrupted, epoch 12 of 40, step 67 of 134 (28 %)")
    #expect(
      lines[1] == "  the process is gone (4711 on node01, last sign of life 4 s ago): it was killed or crashed; "
        + "start the run again with --continue")
    #expect(lines[3] == "  8 ranks × 4 threads on 2 hosts; Slurm job 17")
    // One that ended in good order is gone as well.
    status.state = .finished
    #expect(status.lines(folder: "runs/a", now: status.updated, isGone: true)[0] == "runs/a: finished")
  }

  @Test func tellsThatARunIsLost() throws {
    let status = try status()
    let lines = status.lines(folder: "runs/a", now: status.updated + 600)
    #expect(lines[0].hasSuffix("(28 %)"))
    #expect(lines[1] == "  no sign of life for 10 min 0 s: killed, or its host is gone; start it again with --continue")
    // A clock that is late is no sign of death.
    #expect(status.lines(folder: "runs/a", now: status.updated - 600)[2].hasSuffix("sign of life 0 s ago"))
  }

  @Test func tellsHowARunEnded() throws {
    var status = try status()
    (status.state, status.message) = (.stopped, "stopped by SIGUSR1")
    let lines = status.lines(folder: "runs/a", now: status.updated + 4000)
    #expect(lines[0] == "runs/a: stopped, epoch 12 of 40, step 67 of 134 (28 %)")
    #expect(lines[1] == "  stopped by SIGUSR1" && lines[2] == "  a job submitted by launch/submit continues by itself")
    #expect(lines[4].hasSuffix("; ended 1 h 6 min ago"))
    status.state = .finished
    #expect(status.lines(folder: "runs/a", now: status.updated)[0] == "runs/a: finished")
  }
}
