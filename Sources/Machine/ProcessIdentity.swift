/// Which process on which machine, for another process to find out whether it still exists.
///
/// A process ID alone is not enough: IDs are reused, and containers have their own.
public struct ProcessIdentity: Codable, Equatable, Sendable {
  public let process: Int32
  /// When it began, in clock ticks after the start of the machine; nil where the system does not show it.
  public let start: UInt64?
  /// Which start of which machine this is, and which numbering of processes. Empty where the system does not show it.
  let boot: String
  let namespace: String
  let host: String

  public init(process: Int32, start: UInt64?, boot: String, namespace: String, host: String) {
    self.process = process
    self.start = start
    self.boot = boot
    self.namespace = namespace
    self.host = host
  }

  /// That of this process.
  public static var current: ProcessIdentity {
    let boot = FileSystem.text("/proc/sys/kernel/random/boot_id").filter { !$0.isWhitespace }
    return ProcessIdentity(
      process: getpid(), start: start(of: getpid()), boot: boot,
      namespace: FileSystem.target(ofLink: "/proc/self/ns/pid") ?? "", host: hostName())
  }

  /// Whether the process still exists; nil if this process cannot see that, as it is on another machine or in another
  /// container.
  public var exists: Bool? {
    let here = Self.current
    guard boot == here.boot, namespace == here.namespace, !boot.isEmpty || host == here.host else { return nil }
    guard FileSystem.isRunning(process: process) else { return false }
    // Another process may have got its number.
    guard let start, let found = Self.start(of: process) else { return true }
    return start == found
  }

  private static func start(of process: Int32) -> UInt64? {
    // proc(5): number, name in parentheses, which may hold some itself, state, and 18 fields later the start.
    let line = FileSystem.text("/proc/\(process)/stat")
    guard let name = line.lastIndex(of: ")") else { return nil }
    let fields = line[line.index(after: name)...].split(separator: " ")
    return fields.count > 19 ? UInt64(fields[19]) : nil
  }
}
