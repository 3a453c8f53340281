/// The numbers that a key of a run file may have. All are finite as `Float`, in which the training computes.
enum Interval: CustomStringConvertible {
  case atLeast(Double)
  /// Even after rounding to `Float`.
  case above(Double)
  /// From the first to the second.
  case closed(Double, Double)
  /// From the first up to the second, but not the second.
  case halfOpen(Double, Double)
  case any

  func contains(_ number: Double) -> Bool {
    guard Float(number).isFinite else { return false }
    switch self {
    case .atLeast(let least): return number >= least
    case .above(let bound): return Float(number) > Float(bound)
    case .closed(let least, let most): return number >= least && number <= most
    case .halfOpen(let least, let bound): return number >= least && number < bound
    case .any: return true
    }
  }

  var description: String {
    switch self {
    case .atLeast(let least): "of at least \(least.brief)"
    case .above(let bound): "above \(bound.brief)"
    case .closed(let least, let most): "from \(least.brief) to \(most.brief)"
    case .halfOpen(let least, let bound): "of at least \(least.brief) and below \(bound.brief)"
    case .any: "up to about 3.4e38"
    }
  }
}

extension Double {
  /// The number without a fraction of zero, for messages.
  fileprivate var brief: String { Int(exactly: self).map(String.init) ?? String(self) }
}
