import Machine
import Testing

@Suite struct ControlGroupsTests {
  private func groups(_ text: String, of resource: String = "memory") -> [String] {
    controlGroups(of: resource) { $0 == "/proc/self/cgroup" ? text : "" }.map { "\($0.version) \($0.path)" }
  }

  @Test func version2HasOneTree() {
    #expect(
      groups("0::/system.slice/job_17/step_0\n") == [
        "2 /sys/fs/cgroup/system.slice/job_17/step_0", "2 /sys/fs/cgroup/system.slice/job_17",
        "2 /sys/fs/cgroup/system.slice", "2 /sys/fs/cgroup",
      ])
    #expect(groups("0::/\n") == ["2 /sys/fs/cgroup"])
  }

  @Test func version1HasATreeForEachResource() {
    let text = "12:cpu,cpuacct:/slurm/job_17\n11:memory:/slurm\n5:cpuset:/other\n"
    #expect(groups(text) == ["1 /sys/fs/cgroup/memory/slurm", "1 /sys/fs/cgroup/memory"])
    #expect(
      groups(text, of: "cpu") == [
        "1 /sys/fs/cgroup/cpu/slurm/job_17", "1 /sys/fs/cgroup/cpu/slurm", "1 /sys/fs/cgroup/cpu",
      ])
    #expect(groups(text, of: "cpus").isEmpty)
  }

  @Test func bothVersionsMayBeMounted() {
    #expect(
      groups("1:memory:/a\n0::/b\n") == [
        "1 /sys/fs/cgroup/memory/a", "1 /sys/fs/cgroup/memory", "2 /sys/fs/cgroup/b", "2 /sys/fs/cgroup",
      ])
  }

  /// Names with colons; lines that are none of these.
  @Test func anyTextIsRead() {
    #expect(groups("0::/a:b\n").first == "2 /sys/fs/cgroup/a:b")
    #expect(groups("").isEmpty && groups("memory\n1:memory\n\n").isEmpty)
  }
}
