public import Machine

/// Where the ranks are and how many threads each of them starts.
public struct Placement: Equatable, Sendable {
  /// What one rank knows of its placement.
  public struct Rank: Equatable, Sendable, Codable {
    public var host: String
    /// The CPUs that it may run on, by the host's numbers.
    public var cpus: [Int]
    /// The threads that the user asked for.
    public var threads: Int?
    /// What the job may use of the host; nil if that is what its ranks may run on.
    public var allotment: ProcessorAllotment?

    public init(host: String, cpus: [Int], threads: Int?, allotment: ProcessorAllotment? = nil) {
      self.host = host
      self.cpus = cpus
      self.threads = threads
      self.allotment = allotment
    }
  }

  /// One host and the ranks on it.
  private struct Host: Equatable, Sendable {
    let name: String
    var ranks = 0
    var threads = 0
    /// How many of its ranks may run on each CPU.
    var users: [Int: Int] = [:]
    /// The CPUs of what started the ranks, and the bound that no affinity shows.
    var cpus = 0
    var limit = Int.max
    /// The most threads that take turns on one CPU.
    var crowding = 0.0

    /// The CPUs that the job may keep busy.
    var capacity: Int { max(1, min(max(cpus, users.count), limit)) }
    /// The CPUs that the job does keep busy if every thread has one.
    var busy: Int { min(threads, users.count, capacity) }
    /// A sum of thirds may miss a whole number by a rounding.
    static let rounding = 1e-9

    /// A rank's fair part of the CPUs: each one counts for all ranks that may run on it equally, and where the job may not
    /// keep all of them busy, less.
    func share(_ cpus: [Int]) -> Double {
      let sum = cpus.reduce(0.0) { $0 + 1 / Double(users[$1] ?? 1) }
      return sum * min(1, Double(capacity) / Double(max(1, users.count)))
    }
  }

  private let threads: [Int]
  private let hosts: [Host]
  /// The name of each rank's host.
  public let hostsByRank: [String]

  /// Gathers the placement of all ranks, after the start of MPI, which may have bound them.
  /// - Collective: every rank of the communicator calls it.
  public static func gather(_ communicator: borrowing Communicator, threads: Int?) throws -> Placement {
    let allotment = LaunchEnvironment.allotment(LaunchEnvironment.currentVariables)
    let mine = Rank(host: hostName(), cpus: ProcessorAffinity.cpus(), threads: threads, allotment: allotment)
    return Placement(try communicator.gather(mine))
  }

  /// The plan for these ranks. A rank's threads are what the user said, or else the whole CPUs of its fair share, at least
  /// one.
  public init(_ ranks: [Rank]) {
    var hosts: [Host] = []
    var places: [String: Int] = [:]
    for rank in ranks {
      let place = places[rank.host] ?? hosts.count
      if place == hosts.count {
        places[rank.host] = place
        hosts.append(Host(name: rank.host))
      }
      hosts[place].ranks += 1
      for cpu in rank.cpus { hosts[place].users[cpu, default: 0] += 1 }
      hosts[place].cpus = max(hosts[place].cpus, rank.allotment?.cpus ?? 0)
      hosts[place].limit = min(hosts[place].limit, rank.allotment?.limit ?? .max)
    }
    threads = ranks.map { rank in
      let place = places[rank.host] ?? 0
      let share = hosts[place].share(rank.cpus)
      let threads = rank.threads ?? max(1, Int(share + Host.rounding))
      hosts[place].threads += threads
      hosts[place].crowding = max(hosts[place].crowding, Double(threads) / max(share, Host.rounding))
      return threads
    }
    self.hosts = hosts
    hostsByRank = ranks.map(\.host)
    rootHost = ProcessorSet(cpus: hosts.first?.users.keys.sorted() ?? [], limit: hosts.first?.capacity ?? 1)
    binding = Self.binding(ranks) { rank in
      let host = hosts[places[rank.host] ?? 0]
      return max(host.cpus, host.users.count)
    }
  }

  /// Whether threads take turns on the CPUs of a host.
  public var isCrowded: Bool { hosts.contains { $0.crowding > 1 + Host.rounding } }

  /// How many ranks are on the host of this name.
  public func ranks(onHost name: String) -> Int { hostsByRank.count { $0 == name } }

  /// How many threads a rank starts.
  public func threads(ofRank rank: Int) -> Int { threads[rank] }

  /// What the job has on the host of rank 0: rank 0 may use it while the others wait for it.
  public let rootHost: ProcessorSet

  /// The plan in one line.
  public var line: String {
    let counts = Set(threads)
    let each =
      counts.count == 1 ? counted(threads[0], "thread") : "\(threads.min() ?? 1) to \(threads.max() ?? 1) threads"
    let start = "\(counted(threads.count, "rank")) × \(each) on "
    guard hosts.count > 1 else { return start + "\(hosts[0].name) (\(counted(hosts[0].capacity, "CPU")))" }
    let names = hosts.prefix(8).map { "\($0.name) (\(counted($0.ranks, "rank")))" }.joined(separator: ", ")
    return start + "\(counted(hosts.count, "host")): \(names)\(hosts.count > 8 ? ", …" : "")"
  }

  /// How the ranks are bound to CPUs; nil for one rank alone.
  public let binding: String?

  private static func binding(_ ranks: [Rank], capacity: (Rank) -> Int) -> String? {
    guard ranks.count > 1 else { return nil }
    guard ranks.contains(where: { $0.cpus.count < capacity($0) }) else { return "not bound to CPUs" }
    let counts = ranks.map(\.cpus.count)
    let (low, high) = (counts.min() ?? 0, counts.max() ?? 0)
    return "each bound to \(low == high ? counted(low, "CPU") : "\(low) to \(high) CPUs")"
  }

  /// What is wasteful about the plan: one line for all hosts that are alike, at most four in all.
  ///
  /// A remainder that cannot be divided among the ranks of a host is not reported.
  public var warnings: [String] {
    var names: [String: [String]] = [:]
    var order: [String] = []
    for host in hosts {
      guard let warning = warning(host) else { continue }
      if names[warning] == nil { order.append(warning) }
      names[warning, default: []].append(host.name)
    }
    return order.prefix(4).map { warning in
      let hosts = names[warning] ?? []
      let more = hosts.count > 1 ? " and \(counted(hosts.count - 1, "more host"))" : ""
      return "\(hosts.first ?? "")\(more): \(warning)"
    }
  }

  private func warning(_ host: Host) -> String? {
    if host.crowding > 1 + Host.rounding {
      let times = (host.crowding * 10).rounded() / 10
      let factor = times == times.rounded() ? "\(Int(times))" : "\(times)"
      let use =
        "\(counted(host.ranks, "rank")) with \(counted(host.threads, "thread")) on \(counted(host.capacity, "CPU"))"
      return host.threads <= host.capacity
        ? "\(use), but bound so that \(factor) threads take turns on one; pass --bind-to none to mpirun"
        : "\(use): oversubscribed \(factor)×, they take turns; start fewer ranks or threads for speed"
    }
    guard host.busy + host.ranks <= host.capacity else { return nil }
    let advice =
      host.users.count < host.capacity
      ? "start more ranks, or pass --bind-to none to mpirun" : "start more ranks or raise --threads"
    return "\(host.busy) of \(counted(host.capacity, "CPU")) are used, the others idle; \(advice)"
  }

}
