import Machine
import Testing

@Suite struct ProcessorAllotmentTests {
  static func count(
    own: [Int] = [3], launcher: [Int] = Array(0..<16), _ variables: [String: String] = [:],
    files: [String: String] = [:]
  ) -> Int {
    ProcessorAllotment(own: own, launcher: launcher, variables: variables) { files[$0] ?? "" }.count
  }

  @Test func aBoundRankLeavesTheOthersTheirCPUs() {
    #expect(Self.count() == 16)
    #expect(Self.count(own: [3, 4], launcher: []) == 2)
    #expect(Self.count(own: [], launcher: []) == 1)
  }

  @Test func theQuotaOfAnyGroupAboveCounts() {
    let group = ["/proc/self/cgroup": "0::/job/step\n", "/sys/fs/cgroup/job/step/cpu.max": "max 100000\n"]
    #expect(Self.count(files: group) == 16)
    #expect(Self.count(files: group.merging(["/sys/fs/cgroup/job/cpu.max": "450000 100000\n"]) { $1 }) == 4)
    #expect(Self.count(files: group.merging(["/sys/fs/cgroup/cpu.max": "50000 100000\n"]) { $1 }) == 1)
  }

  @Test func theQuotaOfVersionOneCounts() {
    let group = [
      "/proc/self/cgroup": "7:memory:/pod\n3:cpu,cpuacct:/pod\n0::/\n",
      "/sys/fs/cgroup/cpu/pod/cpu.cfs_quota_us": "200000\n", "/sys/fs/cgroup/cpu/pod/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    ]
    #expect(Self.count(files: group) == 2)
  }

  @Test func theBatchSystemsWordCounts() {
    #expect(Self.count(["SLURM_CPUS_ON_NODE": "8"]) == 8)
    #expect(Self.count(["_CONDOR_SLOT": "slot1_1", "OMP_NUM_THREADS": "4"]) == 4)
    #expect(Self.count(["OMP_NUM_THREADS": "4"]) == 16)
  }
}
