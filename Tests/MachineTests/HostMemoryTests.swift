import Machine
import Testing

@Suite struct HostMemoryTests {
  private func bytes(_ files: [String: String]) -> Double {
    HostMemory(physical: 64e9) { files[$0] ?? "" }.bytes
  }

  @Test func withoutBoundsItIsWhatTheHostHas() {
    #expect(bytes([:]) == 64e9)
    #expect(bytes(["/proc/self/cgroup": "0::/a\n", "/sys/fs/cgroup/a/memory.max": "max\n"]) == 64e9)
    // Version 1 says so with a number beyond all memory.
    let none = [
      "/proc/self/cgroup": "3:memory:/\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    ]
    #expect(bytes(none) == 64e9)
  }

  /// On the path up to the root, wherever it is.
  @Test(arguments: [("/a/b/c", 8e9), ("/a/b", 7e9), ("/a", 6e9), ("", 5e9)])
  func theSmallestBoundCounts(group: String, bound: Double) {
    var files = ["/proc/self/cgroup": "0::/a/b/c\n"]
    for other in ["/a/b/c", "/a/b", "/a", ""] { files["/sys/fs/cgroup\(other)/memory.max"] = "9000000000\n" }
    files["/sys/fs/cgroup\(group)/memory.max"] = "\(Int(bound))\n"
    #expect(bytes(files) == bound)
    // The file of the other version, and groups beside the path, say nothing.
    files["/sys/fs/cgroup\(group)/memory.limit_in_bytes"] = "1\n"
    files["/sys/fs/cgroup/d/memory.max"] = "1\n"
    #expect(bytes(files) == bound)
  }

  @Test(arguments: ["/slurm/job", "/slurm", ""])
  func theSmallestBoundOfVersion1Counts(group: String) {
    var files = ["/proc/self/cgroup": "9:cpu:/x\n4:memory:/slurm/job\n0::/\n"]
    files["/sys/fs/cgroup/memory\(group)/memory.limit_in_bytes"] = "3000000000\n"
    files["/sys/fs/cgroup/cpu/x/memory.limit_in_bytes"] = "1\n"
    files["/sys/fs/cgroup/memory\(group)/memory.max"] = "1\n"
    #expect(bytes(files) == 3e9)
    files["/sys/fs/cgroup/memory.max"] = "2000000000\n"
    #expect(bytes(files) == 2e9, "version 2 has a bound too")
  }

  @Test func thisHostHasSome() { #expect(HostMemory().bytes > 1e8) }

  @Test func whatCannotFitIsRefused() throws {
    let memory = HostMemory(physical: 8.04e9) { _ in "" }
    #expect(throws: Never.self) { try memory.require(8.03e9, for: "it", advice: "") }
    let failure = #expect(throws: Failure.self) {
      try memory.require(12.3e9, for: "the network of run 'a'", advice: "make it smaller")
    }
    #expect(
      failure
        == Failure(
          .usage, "the network of run 'a' needs 12.3 GB on this host, which has 8.0 GB; make it smaller"))
    #expect(throws: Failure.self) { try memory.require(8.04e9, for: "it", advice: "") }
  }
}
