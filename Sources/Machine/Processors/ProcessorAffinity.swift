import CProcessor

/// The CPUs that this process may run on: what the launcher, the batch system or `taskset` left of the machine.
public enum ProcessorAffinity {
  /// Their numbers in ascending order; all CPUs that are online if the system does not say.
  public static func cpus() -> [Int] {
    let cpus = cpus(ofProcess: "self")
    return cpus.isEmpty ? Array(0..<onlineCPUs) : cpus
  }

  /// The same for the process with this number: the line `Cpus_allowed_list` of /proc/NUMBER/status on Linux (what
  /// `sched_getaffinity` would say, for any number of CPUs); empty if it is not known.
  public static func cpus(ofProcess process: String) -> [Int] {
    let name = "Cpus_allowed_list:"
    let line = FileSystem.text("/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix(name) }
    return line.map { list($0.dropFirst(name.count)) } ?? []
  }

  /// Lets the main thread, which calls it, run on these CPUs, as far as the system allows; threads that it starts later have the same.
  /// The corresponding C function is `sched_setaffinity`. Returns whether that was done.
  static func bind(to cpus: [Int]) -> Bool {
    var mask = [UInt](repeating: 0, count: (cpus.max() ?? 0) / UInt.bitWidth + 1)
    for cpu in cpus where cpu >= 0 { mask[cpu / UInt.bitWidth] |= 1 << (cpu % UInt.bitWidth) }
    // SAFETY: it reads as many bytes as the mask has.
    return unsafe mask.withUnsafeBytes { unsafe shim_set_affinity($0.baseAddress, $0.count) } == 0
  }

  /// How many CPUs this host has in operation.
  public static var onlineCPUs: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// The numbers in a list of the kernel's, e.g. "0-3,8,10-11".
  public static func list(_ text: some StringProtocol) -> [Int] {
    text.split { $0 == "," || $0.isWhitespace }.flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 20 else { return [] }
      return Array(first...last)
    }
  }
}
