internal import MPI

/// Something that all ranks must have alike.
struct SharedFact {
  /// What it is, as in "rank 3@node07 differs from the other 7 ranks in its …".
  let name: String
  /// What tells two of them apart: text or a digest. Empty on a rank that cannot know.
  let value: [UInt8]
  /// What the user can do where ranks differ.
  let advice: String
}

extension Communicator {
  /// Compares facts among all ranks, which call it together with the same names in the same order. One collective; with 10,000
  /// ranks and 32 bytes each it moves 320 kB to every rank.
  ///
  /// - Throws: `AgreedFailure` with exit code 76 on all ranks if a rank differs, naming those that do.
  borrowing func requireAgreement(on facts: [SharedFact], when: String) throws {
    guard size > 1 else { return }
    var message: [UInt8] = []
    for fact in facts { message.append(prefixed: fact.value) }
    let all = try allGather(message)
    guard !all.allSatisfy({ $0 == all[0] }) else { return }
    // Nobody differs from rank 0 without all knowing it: everyone goes on to tell its host.
    let hosts = try allGather(Array(hostName().utf8)).map { String(decoding: $0, as: UTF8.self) }
    let values = all.map { $0.splitPrefixed() }
    for (index, fact) in facts.enumerated() {
      let disagreement = Disagreement(values.map { index < $0.count ? $0[index] : [] }, hosts: hosts)
      guard let who = disagreement.description(of: fact.name) else { continue }
      throw AgreedFailure(failure: Failure(.ranksDisagree, "\(when): \(who); \(fact.advice)"))
    }
  }
}

/// Who among the ranks has something else than most.
package struct Disagreement {
  private let values: [[UInt8]]
  private let hosts: [String]
  /// More names than these nobody reads.
  private static let most = 8

  /// `values` and `hosts` by rank. A rank with an empty value has no say.
  package init(_ values: [[UInt8]], hosts: [String]) {
    self.values = values
    self.hosts = hosts
  }

  /// Says whose `fact` is not that of most: names the minority, or all parties where none is larger than every other. nil if
  /// all agree.
  package func description(of fact: String) -> String? {
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

extension [UInt8] {
  /// Appends bytes with their number before them.
  fileprivate mutating func append(prefixed bytes: [UInt8]) {
    append(bytesOf: [UInt64(bytes.count)])
    self += bytes
  }

  /// What ``append(prefixed:)`` put together.
  fileprivate func splitPrefixed() -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var rest = self[...]
    while rest.count >= 8 {
      let count = rest.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      rest = rest.dropFirst(8)
      guard count <= UInt64(rest.count) else { break }  // Damaged on the way: it differs then, which is what counts.
      parts.append(Array(rest.prefix(Int(count))))
      rest = rest.dropFirst(Int(count))
    }
    return parts
  }
}
