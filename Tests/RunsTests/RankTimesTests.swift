import Runs
import Testing
import Training

@Suite struct RankTimesTests {
  private func times(_ ranks: (events: Int, compute: Double, wait: Double)...) -> RankTimes {
    RankTimes(ranks.map { RankTime(events: $0.events, compute: $0.compute, wait: $0.wait) })
  }

  @Test func likeRanksAreNotSlow() {
    #expect(times((100, 2, 0.1), (100, 2.1, 0), (100, 2, 0.1)).slowest == nil)
  }

  @Test func moreEventsAreNoSlowness() {
    #expect(times((100, 2, 2), (200, 4, 0)).slowest == nil)
    #expect(times((0, 0, 4), (200, 4, 0)).slowest == nil)
  }

  @Test func theSlowestIsNamedWithWhatItCosts() throws {
    let slowest = try #require(times((100, 2, 2), (100, 4, 0), (100, 2, 2)).slowest)
    #expect(slowest.rank == 1 && slowest.fraction == 0.5)
    // With two ranks the faster one says what is usual.
    #expect(times((100, 4, 0), (100, 2, 2)).slowest?.rank == 0)
  }

  @Test func aFifthIsTolerated() {
    #expect(times((100, 4, 1), (100, 5, 0)).slowest == nil)
    #expect(times((100, 3.9, 1.1), (100, 5, 0)).slowest != nil)
  }

  @Test func eachIsNamedOnce() {
    var ranks = SlowRanks(hosts: ["a", "b"], areCrowded: false)
    let slow = times((100, 2, 2), (100, 4, 0))
    let warning = ranks.warning(3, slow) ?? ""
    #expect(
      warning.hasPrefix("rank 1@b is slow: in epoch 3 it computed 4.0 s, 2.0 s more than its events should take")
        && warning.contains("(50 % of the epoch)"))
    let again = ranks.warning(4, slow)
    let other = ranks.warning(5, times((100, 4, 0), (100, 2, 2)))
    #expect(again == nil && other != nil)
  }

  @Test func shortEpochsAndCrowdedRanksSayNothing() {
    var ranks = SlowRanks(hosts: ["a", "b"], areCrowded: false)
    let ofShort = ranks.warning(1, times((100, 0.2, 0.2), (100, 0.4, 0)))
    var crowded = SlowRanks(hosts: ["a", "a"], areCrowded: true)
    let ofCrowded = crowded.warning(1, times((100, 2, 2), (100, 4, 0)))
    #expect(ofShort == nil && ofCrowded == nil)
  }
}
