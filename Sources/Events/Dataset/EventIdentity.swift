import Formats
import Machine
import Numerics

/// The keys of the events of a process, made of the integers that identify them in their files (run, block, number): 64 bits, the
/// same wherever and in whatever order the events are read. Simulated samples all begin with event 1, so the name of the process is
/// in the key.
///
///     key   = the first eight bytes of SHA-256 of the name of the process (UTF-8), the lowest first
///     for each integer x:  key = mix(key + φ · (x + 1))                        (φ and mix are those of `CounterRandom`)
///
/// For one integer, all keys of a process are different; for several, some pair among a billion events shares a key with a
/// probability of 3 %.
public struct EventIdentity: Sendable {
  private let start: UInt64

  public init(process name: String) {
    start = SHA256.digest(of: Array(name.utf8)).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The key of an event.
  public func key(_ integers: some Sequence<UInt64>) -> UInt64 {
    integers.reduce(start) { CounterRandom(key: $0).word($1) }
  }

  /// The keys of events whose integers are columns, at least one.
  func keys(_ columns: [[UInt64]]) -> [UInt64] {
    (columns.first ?? []).indices.map { event in
      var key = start
      for column in columns.indices { key = CounterRandom(key: key).word(columns[column][event]) }
      return key
    }
  }
}

/// Events of a process that have the key of one before them.
struct RepeatedKeys: Equatable {
  /// How many.
  private(set) var count = 0
  /// The numbers of the first of them in the process, and of the one that it repeats.
  private(set) var example: (event: Int, before: Int)?

  /// Finds them in the keys of all events of a process, with all CPUs.
  init(_ keys: [UInt64]) {
    let buckets = 64
    let repeated = concurrentMap(buckets) { bucket -> [UInt64] in
      let sorted = keys.filter { Int($0 >> 58) == bucket }.sorted()
      return zip(sorted, sorted.dropFirst()).filter { $0 == $1 }.map(\.0)
    }.flatMap { $0 }
    count = repeated.count
    guard count > 0 else { return }
    let wanted = Set(repeated)
    var seen: [UInt64: Int] = [:]
    for (event, key) in keys.enumerated() where wanted.contains(key) {
      if let before = seen.updateValue(event, forKey: key) {
        example = (event, before)
        return
      }
    }
  }

  static func == (a: RepeatedKeys, b: RepeatedKeys) -> Bool {
    a.count == b.count && a.example?.event == b.example?.event && a.example?.before == b.example?.before
  }
}
