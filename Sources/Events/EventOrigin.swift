/// Where an event of a data set comes from.
public struct EventOrigin: Equatable, Sendable {
  /// The number of its process, its class.
  public let process: Int
  /// Its number among the events of all files of the process, in their order, from 0.
  public let number: Int

  /// Both by name.
  public init(process: Int, number: Int) {
    self.process = process
    self.number = number
  }
}

extension EventOrder {
  /// The row that is shown at a place of the order.
  public func row(at place: Int) -> Int {
    switch self {
    case .shuffled(let shuffle): shuffle[place]
    case .sequential(let first): first + place
    }
  }
}

extension Dataset {
  /// Where the event in a row of this data set comes from, which was divided by `split` with this `seed`.
  ///
  /// Complexity: O(events of the process), as the division is drawn anew: it is asked only when something is wrong.
  public func origin(ofRow row: Int, split: Split, seed: UInt64) -> EventOrigin {
    precondition(row >= 0 && row < events, "row \(row) of \(events)")
    var rest = row
    for part in Split.Part.allCases {
      for (process, counts) in counts.enumerated() {
        let count =
          switch part {
          case .training: counts.training
          case .validation: counts.validation
          case .test: counts.test
          }
        if rest >= count {
          rest -= count
          continue
        }
        let parts = split.parts(process: process, count: counts.total, seed: seed)
        var number = 0
        for (event, itsPart) in parts.enumerated() where itsPart == part {
          if rest == 0 { number = event }
          rest -= 1
        }
        return EventOrigin(process: process, number: number)
      }
    }
    return EventOrigin(process: 0, number: row)  // Not reached: the counts add up to the events.
  }
}
