import FoundationEssentials
import Machine

/// Something that must be the same on all ranks.
public struct SharedFact {
  /// What it is, as in "rank 3@node07 differs from the other 7 ranks in its …".
  public let name: String
  /// What distinguishes two of them: text or a digest. Empty on a rank that cannot know.
  public let value: [UInt8]
  /// What the user can do if ranks differ.
  public let advice: String

  public init(name: String, value: [UInt8], advice: String) {
    self.name = name
    self.value = value
    self.advice = advice
  }
}

extension Communicator {
  /// Compares facts among all ranks, with the same names in the same order. One collective; with 10,000 ranks and a digest of
  /// 64 bytes each it moves 0.9 MB to every rank.
  ///
  /// - Throws: `AgreedFailure` with exit code 76 on all ranks if a rank differs, naming those that do.
  public func requireAgreement(on facts: [SharedFact], when: String) throws {
    guard size > 1 else { return }
    // Compared as they travel: nothing is decoded while all agree.
    let messages = try allGather(Array(JSONEncoder().encode(facts.map { Data($0.value) })))
    guard !messages.allSatisfy({ $0 == messages[0] }) else { return }
    // All ranks see the same messages, so all of them reach this line.
    let hosts = try gather(hostName())
    // A value damaged in transit differs too, which is what matters.
    let values = messages.map { ((try? JSONDecoder().decode([Data].self, from: Data($0))) ?? []).map { Array($0) } }
    for (index, fact) in facts.enumerated() {
      let disagreement = Disagreement(values.map { index < $0.count ? $0[index] : [] }, hosts: hosts)
      guard let who = disagreement.description(of: fact.name) else { continue }
      throw AgreedFailure(.ranksDisagree, "\(when): \(who); \(fact.advice)")
    }
  }
}

/// Which ranks disagree with the majority.
public struct Disagreement {
  private let values: [[UInt8]]
  private let hosts: [String]
  /// The maximum number of ranks listed in a message.
  private static let most = 8

  /// `values` and `hosts` by rank. Ranks with an empty value are ignored.
  public init(_ values: [[UInt8]], hosts: [String]) {
    self.values = values
    self.hosts = hosts
  }

  /// Says whose `fact` differs from the majority: names the minority, or all groups if none is larger than every other. nil if
  /// all agree.
  public func description(of fact: String) -> String? {
    var parties: [[UInt8]: [Int]] = [:]
    for (rank, value) in values.enumerated() where !value.isEmpty { parties[value, default: []].append(rank) }
    guard parties.count > 1 else { return nil }
    let sizes = parties.values.map(\.count).sorted(by: >)
    guard sizes[0] > sizes[1] else {
      let groups = parties.values.sorted { $0[0] < $1[0] }.map(names)
      return "\(groups.joined(separator: " and ")) differ in their \(fact)"
    }
    let odd = parties.values.filter { $0.count < sizes[0] }.flatMap { $0 }.sorted()
    let verb = odd.count == 1 ? "differs" : "differ"
    return "\(names(odd)) \(verb) from the other \(sizes[0]) ranks in \(odd.count == 1 ? "its" : "their") \(fact)"
  }

  private func names(_ ranks: [Int]) -> String {
    let names = ranks.prefix(Self.most).map { "\($0)@\(hosts[$0])" }.joined(separator: ", ")
    let more = ranks.count > Self.most ? " and \(ranks.count - Self.most) more" : ""
    return "\(ranks.count == 1 ? "rank" : "ranks") \(names)\(more)"
  }
}
