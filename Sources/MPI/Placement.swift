#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Where the ranks are and how many threads each of them starts.
public struct Placement: Equatable, Sendable {
  /// What one rank knows of its place.
  package struct Rank: Equatable, Sendable {
    package var host: String
    /// The CPUs that it may run on, by the host's numbers.
    package var cpus: [Int]
    /// The threads that the user asked for.
    package var threads: Int?

    package init(host: String, cpus: [Int], threads: Int?) {
      self.host = host
      self.cpus = cpus
      self.threads = threads
    }
  }

  /// One host and the ranks on it.
  private struct Host: Equatable, Sendable {
    var name: String
    var ranks = 0
    var threads = 0
    var cpus: Set<Int> = []
  }

  private let threads: [Int]
  private var hosts: [Host] = []

  /// Learns all ranks' places. All ranks call it together.
  public static func gather(_ communicator: borrowing Communicator, threads: Int?) throws(MPIError) -> Placement {
    let cpus = ProcessorAffinity.cpus().map(String.init).joined(separator: ",")
    let mine = "\(hostName())\n\(cpus)\n\(threads.map(String.init) ?? "")"
    var ranks: [Rank] = []
    for bytes in try communicator.allGather(Array(mine.utf8)) {
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      ranks.append(
        Rank(
          host: String(lines[0]), cpus: lines[1].split(separator: ",").compactMap { Int($0) }, threads: Int(lines[2])))
    }
    return Placement(ranks)
  }

  /// The plan for these ranks. A rank's threads are what the user said, or else its fair share: a CPU counts for each of the
  /// ranks that may run on it with an equal part.
  package init(_ ranks: [Rank]) {
    var users: [String: [Int: Int]] = [:]
    for rank in ranks { for cpu in rank.cpus { users[rank.host, default: [:]][cpu, default: 0] += 1 } }
    threads = ranks.map { rank in
      let share = rank.cpus.reduce(0.0) { $0 + 1 / Double(users[rank.host]?[$1] ?? 1) }
      // A sum of thirds may miss a whole number by a rounding.
      return rank.threads ?? max(1, Int(share + 1e-9))
    }
    var places: [String: Int] = [:]
    for (rank, threads) in zip(ranks, threads) {
      let place = places[rank.host] ?? hosts.count
      if place == hosts.count {
        places[rank.host] = place
        hosts.append(Host(name: rank.host))
      }
      hosts[place].ranks += 1
      hosts[place].threads += threads
      hosts[place].cpus.formUnion(rank.cpus)
    }
  }

  /// How many threads a rank starts.
  public func threads(ofRank rank: Int) -> Int { threads[rank] }

  /// The plan in one line.
  public var line: String {
    let counts = Set(threads)
    let each =
      counts.count == 1 ? count(threads[0], "thread") : "\(threads.min() ?? 1) to \(threads.max() ?? 1) threads"
    let start = "\(count(threads.count, "rank")) × \(each) on "
    guard hosts.count > 1 else { return start + "\(hosts[0].name) (\(count(hosts[0].cpus.count, "CPU")))" }
    let names = hosts.prefix(8).map { "\($0.name) (\(count($0.ranks, "rank")))" }.joined(separator: ", ")
    return start + "\(count(hosts.count, "host")): \(names)\(hosts.count > 8 ? ", …" : "")"
  }

  /// What is wasteful about the plan, at most a line for each of the first hosts.
  public var warnings: [String] {
    hosts.filter { $0.threads != $0.cpus.count }.prefix(4).map { host in
      let use =
        "\(count(host.ranks, "rank")) with \(count(host.threads, "thread")) on \(count(host.cpus.count, "CPU")) of \(host.name)"
      return host.threads > host.cpus.count
        ? "\(use): they take turns; start fewer ranks or threads for speed"
        : "\(use): some are idle; start more ranks or raise --threads"
    }
  }

  private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

/// The name of this host, up to the first dot.
///
/// The corresponding C function is `gethostname`.
public func hostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
  let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return String(String(decoding: bytes, as: UTF8.self).prefix { $0 != "." })
}
