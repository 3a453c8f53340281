import Machine

/// One kind of value that cannot be used: whose it is, and why.
struct UnusableValue: Hashable, Sendable {
  enum Reason: Hashable, Sendable {
    /// An operation of a program has no finite result.
    case operation(Int?)
    /// It is beyond the range of float32.
    case range
    /// A column of the file has a value that is not finite.
    case column
  }
  /// The name of an input or a column; nil: the selection.
  let name: String?
  let reason: Reason

  init(_ name: String?, _ reason: Reason) { (self.name, self.reason) = (name, reason) }
}

/// Values of some events that cannot be used, kind by kind: a check lists all, a training stops at the first.
struct UnusableValues: Sendable {
  struct Found: Sendable {
    let kind: UnusableValue
    /// Of the first event that has it.
    let first: DataError
    var events = 1
  }
  /// In the order in which they were found.
  private(set) var found: [Found] = []
  private var numbers: [UnusableValue: Int] = [:]
  /// The events that have any, by their places among those that were read.
  private(set) var events = Set<Int>()

  /// Notes a value of the event at place `event`, or throws it where nothing is to be noted.
  static func add(
    _ kind: UnusableValue, _ event: Int, to values: inout UnusableValues?, _ fault: () -> EventFault
  ) throws(EventFault) {
    guard values != nil else { throw fault() }
    values?.add(kind, event, fault)
  }

  private mutating func add(_ kind: UnusableValue, _ event: Int, _ fault: () -> EventFault) {
    events.insert(event)
    if let number = numbers[kind] {
      found[number].events += 1
    } else {
      numbers[kind] = found.count
      found.append(Found(kind: kind, first: fault().error))
    }
  }

  /// Frees what is known event by event.
  mutating func forgetEvents() { events = [] }

  /// Adds what was found in later events.
  mutating func append(_ other: UnusableValues) {
    for found in other.found {
      if let number = numbers[found.kind] {
        self.found[number].events += found.events
      } else {
        numbers[found.kind] = self.found.count
        self.found.append(found)
      }
    }
  }
}

extension UnusableValues {
  /// An error for each kind.
  var findings: [Finding] {
    found.map { found in
      var finding = Finding(found.first, code: "unusable-value")
      finding.feature = found.kind.name
      let others = found.events - 1
      if others > 0 { finding.what += "; the same in \(grouped(others)) more event\(others == 1 ? "" : "s")" }
      return finding
    }
  }
}
