import Machine
import Testing

@Suite struct MemoryBoundsTests {
  /// Of a process that takes 100 MB of address space and 20 MB of data, and starts two threads.
  private func bounds(addressSpace: Double? = nil, data: Double? = nil, group: String = "max") -> MemoryBounds {
    let files = ["/proc/self/cgroup": "0::/job\n", "/sys/fs/cgroup/job/memory.max": group]
    let host = HostMemory(physical: 64e9) { files[$0] ?? "" }
    return MemoryBounds(host, addressSpace: addressSpace, data: data, threads: 2, pageSize: 4000) {
      $0 == "/proc/self/statm" ? "25000 2000 1000 10 0 5000 0\n" : ""
    }
  }

  @Test func theTightestBoundCounts() {
    #expect(bounds().left == 64e9 && bounds().reason == "this host has 64.0 GB")
    let job = bounds(group: "3000000000\n")
    #expect(job.left == 3e9 && job.reason == "the job may use 3.0 GB")
    // 100 MB are taken, and 80 MB are kept for stacks and the allocator.
    let limited = bounds(addressSpace: 700e6, group: "3000000000\n")
    #expect(limited.left == 520e6 && limited.reason == "this process can take 520 MB of its 700 MB (ulimit -v)")
    #expect(bounds(data: 700e6).left == 600e6 && bounds(data: 700e6).reason.hasSuffix("(ulimit -d)"))
    #expect(bounds(addressSpace: 1e6).left == 0)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let bounds = bounds(addressSpace: 700e6)
    #expect(throws: Never.self) { try bounds.require(519e6, demand: "it needs", exitCode: .usage, advice: "") }
    let failure = #expect(throws: Failure.self) {
      try bounds.require(5.2e9, demand: "they need", isEstimate: true, exitCode: .inputOutput, advice: "take fewer")
    }
    #expect(
      failure
        == Failure(
          .inputOutput,
          "they need about 5.2 GB of memory, and this process can take 520 MB of its 700 MB (ulimit -v); take fewer"))
  }

  @Test func thisProcessHasSome() { #expect(MemoryBounds().left > 1e7) }
}
