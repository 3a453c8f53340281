#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The CPUs that this process may run on: what the launcher, the batch system or `taskset` left of the machine.
package enum ProcessorAffinity {
  /// Their numbers in ascending order; all CPUs that are online where the system does not tell.
  package static func cpus() -> [Int] {
    let cpus = cpus(ofProcess: "self")
    return cpus.isEmpty ? Array(0..<onlineCPUs) : cpus
  }

  /// The same for the process with this number: the line `Cpus_allowed_list` of /proc/NUMBER/status on Linux (what
  /// `sched_getaffinity` would say, for any number of CPUs); empty if it is not known.
  static func cpus(ofProcess process: String) -> [Int] {
    let name = "Cpus_allowed_list:"
    let line = readText("/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix(name) }
    return line.map { list($0.dropFirst(name.count)) } ?? []
  }

  /// How many CPUs this host has in operation.
  static var onlineCPUs: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// The numbers in a list of the kernel's, e.g. "0-3,8,10-11".
  package static func list(_ text: some StringProtocol) -> [Int] {
    text.split { $0 == "," || $0.isWhitespace }.flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 20 else { return [] }
      return Array(first...last)
    }
  }
}

/// The text of a small file, empty if it cannot be read.
func readText(_ path: String) -> String {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return "" }
  defer { close(descriptor) }
  var text: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while text.count < 1 << 20 {
    let count = unsafe read(descriptor, &buffer, buffer.count)
    guard count > 0 else { break }
    text += buffer.prefix(count)
  }
  return String(decoding: text, as: UTF8.self)
}
