import Machine
import MPI
import Testing

@Suite struct PlacementTests {
  static func placement(_ ranks: [(String, [Int])], threads: Int? = nil, cpus: Int? = nil, limit: Int? = nil)
    -> Placement
  {
    let allotment = cpus.map { ProcessorAllotment(cpus: $0, limit: limit) }
    return Placement(ranks.map { Placement.Rank(host: $0.0, cpus: $0.1, threads: threads, allotment: allotment) })
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
    #expect(plan.warnings.count == 1 && plan.warnings[0].contains("oversubscribed 4×"))
  }

  @Test func boundRanksThatLeaveCPUsIdleAreTold() {
    // mpirun -np 2 binds each rank to a core of its own.
    let plan = Self.placement([("node17", [0]), ("node17", [1])], cpus: 16)
    #expect(plan.line == "2 ranks × 1 thread on node17 (16 CPUs)")
    #expect(
      plan.warnings == [
        "node17: 2 of 16 CPUs are used, the others idle; start more ranks, or pass --bind-to none to mpirun"
      ])
  }

  @Test func aRemainderIsNotAWarning() {
    #expect(Self.placement((0..<3).map { _ in ("vm", Array(0..<8)) }).warnings == [])
  }

  @Test func ranksBoundToOneCPUAreTold() {
    let plan = Self.placement([("vm", [0]), ("vm", [0])], cpus: 2)
    #expect(plan.warnings.count == 1 && plan.warnings[0].contains("2 threads take turns on one"))
  }

  @Test func threadsBeyondTheBindingAreTold() {
    let plan = Self.placement([("vm", [0]), ("vm", [1])], threads: 4, cpus: 8)
    #expect(plan.warnings.count == 1 && plan.warnings[0].contains("--bind-to none"))
  }

  @Test func aQuotaBoundsTheThreads() {
    // A container may run on all 64 CPUs, but not for longer than 4 of them.
    let plan = Self.placement((0..<2).map { _ in ("pod", Array(0..<64)) }, cpus: 64, limit: 4)
    #expect(plan.threads(ofRank: 0) == 2 && plan.threads(ofRank: 1) == 2 && plan.warnings == [])
  }

  @Test func aScriptBetweenHidesNoCPUs() {
    // Each rank's parent is a script that is bound as the rank is.
    let plan = Self.placement([("vm", [0]), ("vm", [1])], cpus: 1)
    #expect(plan.warnings == [] && plan.line == "2 ranks × 1 thread on vm (2 CPUs)")
  }

  @Test func hostsThatAreAlikeShareAWarning() {
    let plan = Self.placement((0..<1000).map { ("node\($0)", [0]) }, cpus: 4)
    #expect(plan.warnings.count == 1 && plan.warnings[0].hasPrefix("node0 and 999 more hosts: 1 of 4 CPUs"))
  }

  @Test func bindingIsTold() {
    #expect(Self.placement([("vm", [0, 1])]).binding == nil)
    #expect(Self.placement([("vm", [0, 1]), ("vm", [0, 1])]).binding == "not bound to CPUs")
    #expect(Self.placement([("vm", [0]), ("vm", [1])]).binding == "each bound to 1 CPU")
    #expect(Self.placement([("a", [0, 1]), ("b", [0, 1])], cpus: 4).binding == "each bound to 2 CPUs")
    #expect(Self.placement([("a", [0, 1, 2]), ("a", [3])]).binding == "each bound to 1 to 3 CPUs")
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
