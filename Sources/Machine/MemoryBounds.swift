/// What bounds the memory that this process can take from now on: the machine, the control group of the job, the limits of the
/// process.
public struct MemoryBounds: Equatable, Sendable {
  /// Bytes that this process can still take.
  public let left: Double
  /// What sets the bound, to complete "the events need 3.0 GB, and …".
  public let reason: String

  /// Those of this process now.
  public init() {
    self.init(
      HostMemory(), addressSpace: Self.limit(Self.addressSpace), data: Self.limit(Self.data),
      threads: ProcessorAffinity.cpus().count, pageSize: Double(sysconf(Int32(_SC_PAGESIZE))), FileSystem.text)
  }

  /// The rule itself. `addressSpace` and `data` are the limits `RLIMIT_AS` and `RLIMIT_DATA` in bytes, nil for none; `threads`
  /// is how many the process will start; `read` gives the text of a file.
  public init(
    _ host: HostMemory, addressSpace: Double?, data: Double?, threads: Int, pageSize: Double, _ read: (String) -> String
  ) {
    // proc(5): size, resident, shared, text, 0, data and stack, in pages.
    let pages = read("/proc/self/statm").split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    func used(_ field: Int) -> Double { field < pages.count ? pages[field] * pageSize : 0 }
    // Address space is also taken by the stacks of threads and by what the allocator keeps in hand.
    let reserve = 64e6 + 8e6 * Double(threads)
    var bound = (
      left: host.bytes, reason: "\(host.owner) \(host.isJobs ? "may use" : "has") \(Self.amount(host.bytes))"
    )
    let limits = [("-v", addressSpace, used(0) + reserve), ("-d", data, used(5) + reserve)]
    for (option, limit, used) in limits {
      guard let limit else { continue }
      let left = max(0, limit - used)
      if left < bound.left {
        bound = (
          left, "this process can take \(Self.amount(left)) of its \(Self.amount(limit)) (ulimit \(option))"
        )
      }
    }
    (left, reason) = bound
  }

  /// Refuses to take `needed` bytes, before the system ends the process without a message. `demand` says who needs
  /// them: "the events need".
  public func require(
    _ needed: Double, demand: String, isEstimate: Bool = false, exitCode: ExitCode, advice: String
  ) throws(Failure) {
    guard needed >= left else { return }
    let amount = (isEstimate ? "about " : "") + Self.amount(needed)
    throw Failure(exitCode, "\(demand) \(amount) of memory, and \(reason); \(advice)")
  }

  /// "717 MB", "240.4 GB".
  public static func amount(_ bytes: Double) -> String {
    bytes < 9.995e8 ? "\(decimals(bytes / 1e6, 0)) MB" : "\(decimals(bytes / 1e9, 1)) GB"
  }

  #if canImport(Glibc)
    private static let (addressSpace, data) = (Int32(RLIMIT_AS.rawValue), Int32(RLIMIT_DATA.rawValue))
  #else
    private static let (addressSpace, data) = (Int32(RLIMIT_AS), Int32(RLIMIT_DATA))
  #endif

  /// The corresponding C function is `getrlimit`.
  private static func limit(_ resource: Int32) -> Double? {
    var limit = rlimit()
    // Fills in `limit` and keeps no pointer to it. Infinity is a number beyond all memory.
    guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < 1 << 62 else { return nil }
    return Double(limit.rlim_cur)
  }
}
