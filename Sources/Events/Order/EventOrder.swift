/// The order in which rows of a store are shown.
public enum EventOrder: Sendable {
  /// The training events by the epoch's permutation.
  case shuffled(Shuffle)
  /// Row after row from `first` on.
  case sequential(first: Int)

  /// The row that is shown at a place of the order.
  public func row(at place: Int) -> Int {
    switch self {
    case .shuffled(let shuffle): shuffle[place]
    case .sequential(let first): first + place
    }
  }

  /// The rows at `count` places from `first` on.
  func find(_ rows: inout InlineArray<32, Int>, count: Int, from first: Int) {
    switch self {
    case .shuffled(let shuffle):
      var span = rows.mutableSpan
      shuffle.rows(at: first..<first + count, into: &span)
    case .sequential(let start): for index in 0..<count { rows[index] = start + first + index }
    }
  }
}
