import MPI
import Testing

@Suite struct PlacementTests {
  static func placement(_ ranks: [(String, [Int])], threads: Int? = nil) -> Placement {
    Placement(ranks.map { Placement.Rank(host: $0.0, cpus: $0.1, threads: threads) })
  }

  @Test(arguments: [
    // One rank has the whole machine, four share it, eight on two CPUs take turns.
    (1, 8, 8), (4, 8, 2), (3, 8, 2), (8, 2, 1),
  ])
  func ranksShareTheirHostFairly(_ ranks: Int, _ cpus: Int, _ threads: Int) {
    let plan = Self.placement((0..<ranks).map { _ in ("node1", Array(0..<cpus)) })
    #expect((0..<ranks).allSatisfy { plan.threads(ofRank: $0) == threads })
  }

  @Test func boundRanksKeepTheirOwnCPUs() {
    let plan = Self.placement([("a", [0, 1, 2, 3]), ("a", [4, 5]), ("b", [0])])
    #expect((0..<3).map { plan.threads(ofRank: $0) } == [4, 2, 1])
    #expect(plan.warnings == [])
    #expect(plan.line == "3 ranks × 1 to 4 threads on 2 hosts: a (2 ranks), b (1 rank)")
  }

  @Test func theUserDecides() {
    let plan = Self.placement([("a", [0, 1, 2, 3])], threads: 3)
    #expect(plan.threads(ofRank: 0) == 3)
    #expect(plan.warnings.count == 1 && plan.warnings[0].contains("idle"))
  }

  @Test func takingTurnsIsTold() {
    let plan = Self.placement((0..<8).map { _ in ("vm", [0, 1]) })
    #expect(plan.line == "8 ranks × 1 thread on vm (2 CPUs)")
    #expect(plan.warnings.count == 1 && plan.warnings[0].contains("take turns"))
  }

  @Test func tenThousandRanksStillFitOnALine() {
    let plan = Self.placement((0..<10_000).map { ("node\($0 / 100)", Array(0..<100)) })
    #expect(plan.line.count < 300 && plan.warnings == [])
  }

  @Test func gatheringAloneKnowsThisHost() throws {
    let plan = try Placement.gather(.solo(), threads: nil)
    #expect(plan.threads(ofRank: 0) == ProcessorAffinity.cpus().count)
    #expect(plan.line.contains(hostName()))
  }

  @Test func listsOfTheKernelAreRead() {
    #expect(ProcessorAffinity.list("\t0-3,8,10-11\n") == [0, 1, 2, 3, 8, 10, 11])
    #expect(ProcessorAffinity.list("5") == [5])
    #expect(ProcessorAffinity.list("") == [] && ProcessorAffinity.list("x-y") == [])
  }
}
