import Machine
import Numerics

/// By what the events of a process are divided.
public enum SplitRule: Equatable, Sendable {
  /// By their numbers in the process.
  case random
  /// By their identities: independent of the order of the files, and of which other events there are.
  case identity
  /// By the values of a column, whose groups are training, validation and test.
  case column(CategoryColumn)
  /// By their files: those whose paths match a pattern, in which `*` stands for any text and `?` for a character; the others are for
  /// training.
  case files(validation: [String], test: [String])
}

/// How the events of every process are divided into training, validation and test events: their shares, about 1 together.
///
/// Where an event goes by ``SplitRule/random`` is a function of (seed, process, number in the process) alone, so adding events to one
/// process moves no event of another: u = number e of the random stream `split(process: p)`, in [0, 1); u < train → training; u < train
/// + validation → validation; else test. By ``SplitRule/identity``, u = number k of the stream `splitByIdentity`, where k is the key of
/// the event (``EventIdentity``). A share of 0 means none at all, though the others may miss 1 by a rounding.
public struct Split: Equatable, Sendable {
  public let train: Double
  public let validation: Double
  public let test: Double
  public let rule: SplitRule
  /// Where u ends training, and where validation.
  private let trainingEnd: Double
  private let validationEnd: Double

  public init(train: Double, validation: Double, test: Double, by rule: SplitRule = .random) {
    self.train = train
    self.validation = validation
    self.test = test
    self.rule = rule
    trainingEnd = validation == 0 && test == 0 ? 1 : train
    validationEnd = trainingEnd + (test == 0 ? 1 : validation)
  }

  /// Whether there are to be events of this use.
  public func isFor(_ use: EventUse) -> Bool {
    switch (rule, use) {
    case (.column(let column), .training): !column.values[0].isEmpty
    case (.column(let column), .validation): !column.values[1].isEmpty
    case (.column(let column), .test): !column.values[2].isEmpty
    case (.files, .training): true
    case (.files(let validation, _), .validation): !validation.isEmpty
    case (.files(_, let test), .test): !test.isEmpty
    case (_, .training): train > 0
    case (_, .validation): validation > 0
    case (_, .test): test > 0
    default: false
    }
  }

  /// Whether the shares of a process are those that are asked for, but for chance.
  public var hasShares: Bool { rule == .random || rule == .identity }

  /// What event number `event` of process number `process` is used for in a run with this `seed`, by ``SplitRule/random``.
  public func use(process: Int, event: Int, seed: UInt64) -> EventUse {
    use(of: UInt64(event), CounterRandom(seed: seed, stream: RandomStream.split(process: process)))
  }

  /// What the event with this key is used for in a run with this `seed`, by ``SplitRule/identity``.
  public func use(key: UInt64, seed: UInt64) -> EventUse {
    use(of: key, CounterRandom(seed: seed, stream: RandomStream.splitByIdentity))
  }

  private func use(of number: UInt64, _ random: CounterRandom) -> EventUse {
    let u = random.uniform(number)
    return u < trainingEnd ? .training : u < validationEnd ? .validation : .test
  }
}

extension Split {
  /// The division of the events of one process.
  struct Process: Sendable {
    private enum Rule: Sendable {
      case all(EventUse)
      case number(CounterRandom)
      case key(CounterRandom)
      case column
      case file([EventUse])
    }
    private let split: Split
    private let rule: Rule

    /// How the events of process number `process` are divided in a run with this `seed`; `paths` are its files.
    init(_ split: Split, _ use: ProcessUse, process: Int, paths: [String], seed: UInt64) {
      self.split = split
      rule =
        switch (use, split.rule) {
        case (.evaluate, _): .all(.evaluation)
        case (.data, _): .all(.data)
        case (.train, .random): .number(CounterRandom(seed: seed, stream: RandomStream.split(process: process)))
        case (.train, .identity): .key(CounterRandom(seed: seed, stream: RandomStream.splitByIdentity))
        case (.train, .column): .column
        case (.train, .files): .file(paths.map { split.use(ofFile: $0) })
        }
    }

    /// What each of some events of file number `file` is used for. `events` are their numbers in the process; `keys` and `groups` are
    /// there where the rule needs them.
    func uses(_ events: Range<Int>, file: Int, keys: [UInt64], groups: [UInt16]) -> [EventUse] {
      switch rule {
      case .all(let use): Array(repeating: use, count: events.count)
      case .number(let random): events.map { split.use(of: UInt64($0), random) }
      case .key(let random): keys.map { split.use(of: $0, random) }
      case .column: groups.map { $0 == 0 ? .training : $0 == 1 ? .validation : .test }
      case .file(let uses): Array(repeating: uses[file], count: events.count)
      }
    }
  }

  private func use(ofFile path: String) -> EventUse {
    guard case .files(let validation, let test) = rule else { return .training }
    if validation.contains(where: { path.matches(pattern: $0) }) { return .validation }
    return test.contains { path.matches(pattern: $0) } ? .test : .training
  }

  /// What is wrong with the patterns for files, given the files of the processes that are trained on.
  func faultOfPatterns(_ paths: [String]) -> DataError? {
    guard case .files(let validation, let test) = rule else { return nil }
    for pattern in validation + test where !paths.contains(where: { $0.matches(pattern: pattern) }) {
      return DataError(
        .usage, file: "split.by.files", what: "\(pattern.abridged(to: 400)) is none of the files that are trained on",
        advice: "give names as in data.processes; * stands for any text")
    }
    for path in paths where [validation, test].allSatisfy({ $0.contains { path.matches(pattern: $0) } }) {
      return DataError(
        .usage, file: "split.by.files", what: "\(path.abridged(to: 400)) is listed for both validation and test",
        advice: "list it once")
    }
    return nil
  }
}
