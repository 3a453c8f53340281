import Machine
package import Training

/// The times of all ranks in an epoch.
package struct RankTimes: Equatable {
  package let ranks: [RankTime]

  package init(_ ranks: [RankTime]) { self.ranks = ranks }

  /// Seconds that a rank computes beyond what the median rank would need for the same number of events.
  package func excess(ofRank rank: Int) -> Double {
    let perEvent = ranks.filter { $0.events > 0 }.map { $0.compute / Double($0.events) }.sorted()
    guard !perEvent.isEmpty else { return 0 }
    // The lower median: with two ranks, the faster one sets the standard.
    let usual = perEvent[(perEvent.count - 1) / 2]
    return ranks[rank].compute - usual * Double(ranks[rank].events)
  }

  /// The rank that delays the others most, and its excess as a fraction of the epoch; nil if that is at most a fifth.
  package var slowest: (rank: Int, fraction: Double)? {
    guard let rank = ranks.indices.max(by: { excess(ofRank: $0) < excess(ofRank: $1) }) else { return nil }
    let epoch = ranks.map { $0.compute + $0.wait }.max() ?? 0
    let fraction = epoch > 0 ? excess(ofRank: rank) / epoch : 0
    return fraction > Self.tolerance ? (rank, fraction) : nil
  }

  /// The fraction of an epoch by which a rank may delay the others before it is reported.
  static let tolerance = 0.2
}

/// Reports slow ranks, each once.
package struct SlowRanks {
  private let hosts: [String]
  private let areCrowded: Bool
  private var named: Set<Int> = []
  /// Epochs shorter than this, in seconds, are not judged.
  private static let shortest = 1.0

  /// `hosts` by rank. Oversubscribed ranks share CPUs, so that their times depend on the other ranks.
  package init(hosts: [String], areCrowded: Bool) {
    self.hosts = hosts
    self.areCrowded = areCrowded
  }

  /// The message after an epoch, if there is one.
  package mutating func warning(_ epoch: Int, _ times: RankTimes) -> String? {
    let seconds = times.ranks.map { $0.compute + $0.wait }.max() ?? 0
    guard !areCrowded, seconds >= Self.shortest, let slowest = times.slowest, named.insert(slowest.rank).inserted else {
      return nil
    }
    let excess = times.excess(ofRank: slowest.rank)
    let computed = decimals(times.ranks[slowest.rank].compute, 1)
    return "rank \(slowest.rank)@\(hosts[slowest.rank]) is slow: in epoch \(epoch) it computed \(computed) s, "
      + "\(decimals(excess, 1)) s more than its events should take, and the others waited "
      + "(\(Int(slowest.fraction * 100)) % of the epoch); check what else its host is running, or leave it out "
      + "(ranks.csv has all times)"
  }
}

/// `ranks.csv`: how long each rank computed and waited in each epoch. Nothing depends on it, so the disk may take its time;
/// an epoch that was trained twice is in it twice.
struct RanksFile {
  private let path: String
  private let hosts: [String]
  /// With more ranks than these the slowest ones are written.
  static let most = 64

  private static let header = "epoch,rank,host,events,compute_seconds,wait_seconds\n"

  /// A new file at `path`, or one that is appended to where it exists; `hosts` by rank.
  init(_ path: String, hosts: [String], isNew: Bool) throws(FileError) {
    self.path = path
    self.hosts = hosts
    guard isNew || !FileSystem.exists(path) else { return }
    try AtomicFile.write(Array(Self.header.utf8), to: path)
  }

  func append(epoch: Int, _ times: RankTimes) throws(FileError) {
    let slowest = times.ranks.indices.sorted { times.ranks[$0].compute > times.ranks[$1].compute }.prefix(Self.most)
    var text = ""
    for rank in slowest.sorted() {
      let time = times.ranks[rank]
      text += "\(epoch),\(rank),\(hosts[rank]),\(time.events),\(decimals(time.compute, 6)),\(decimals(time.wait, 6))\n"
    }
    let file = try OpenFile(path, .update)
    let end = try file.size()
    do { try file.write(Array(text.utf8), at: end) } catch {
      try? file.truncate(to: end)  // Leaves no partial line; the first error is the one to report.
      throw error
    }
  }
}
