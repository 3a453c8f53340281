/// A summary of the values of a feature.
public struct ColumnRange: Equatable, Sendable {
  /// The range of the finite values; empty if there are none.
  public internal(set) var minimum = Float.infinity
  public internal(set) var maximum = -Float.infinity
  /// The number of NaN values, and of values that are infinite in float32.
  public internal(set) var nan = 0
  public internal(set) var infinite = 0
  /// The index in the file of the first event with a non-finite value, from 0.
  public internal(set) var firstNotFinite: Int?

  public init() {}

  /// Summarises values.
  public init(_ values: some Sequence<Float>) {
    for (event, value) in values.enumerated() { add(value, event: event) }
  }

  /// Whether there is a finite value.
  public var isEmpty: Bool { minimum > maximum }

  /// Adds the value of an event.
  mutating func add(_ value: Float, event: Int) {
    if value.isFinite {
      minimum = min(minimum, value)
      maximum = max(maximum, value)
    } else {
      if value.isNaN { nan += 1 } else { infinite += 1 }
      if firstNotFinite == nil { firstNotFinite = event }
    }
  }

  /// Adds the values of later events.
  public mutating func append(_ other: ColumnRange) {
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    nan += other.nan
    infinite += other.infinite
    firstNotFinite = firstNotFinite ?? other.firstNotFinite
  }
}

extension Sequence<ColumnRange> {
  /// The summary of all of them.
  public var joined: ColumnRange { reduce(into: ColumnRange()) { $0.append($1) } }
}

/// A summary of the weights of events.
public struct WeightRange: Equatable, Sendable {
  public internal(set) var events = 0
  public internal(set) var negative = 0
  public internal(set) var zero = 0
  public internal(set) var minimum = Double.infinity
  public internal(set) var maximum = -Double.infinity
  /// Σ|w|.
  public internal(set) var absolute = 0.0

  public init() {}

  public init(_ weights: some Sequence<Double>) { for weight in weights { add(weight) } }

  @inline(__always)
  mutating func add(_ weight: Double) {
    events += 1
    if weight < 0 { negative += 1 }
    if weight == 0 { zero += 1 }
    minimum = min(minimum, weight)
    maximum = max(maximum, weight)
    absolute += weight.magnitude
  }

  /// Adds the weights of later events.
  public mutating func append(_ other: WeightRange) {
    events += other.events
    negative += other.negative
    zero += other.zero
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    absolute += other.absolute
  }
}
