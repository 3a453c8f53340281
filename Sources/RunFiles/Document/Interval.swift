/// The numbers that a key of a run file may have.
enum Interval: CustomStringConvertible {
  case atLeast(Double)
  /// Even after rounding to `Float`.
  case above(Double)
  /// From the first to the second.
  case closed(Double, Double)
  /// From the first up to the second, but not the second, even after rounding to `Float`.
  case halfOpen(Double, Double)
  case any

  func contains(_ number: Double) -> Bool {
    switch self {
    case .atLeast(let least): number >= least
    case .above(let bound): Float(number) > Float(bound)
    case .closed(let least, let most): number >= least && number <= most
    case .halfOpen(let least, let bound): number >= least && Float(number) < Float(bound)
    case .any: true
    }
  }

  var description: String {
    switch self {
    case .atLeast(let least): "of at least \(least.brief)"
    case .above(let bound): "above \(bound.brief)"
    case .closed(let least, let most): "from \(least.brief) to \(most.brief)"
    case .halfOpen(let least, let bound): "of at least \(least.brief) and below \(bound.brief)"
    case .any: "that a Float can hold"
    }
  }
}

extension Double {
  /// The number without a fraction of zero, for messages.
  fileprivate var brief: String { Int(exactly: self).map(String.init) ?? String(self) }
}
