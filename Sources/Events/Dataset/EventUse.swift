/// What an event is used for. The rows of a store stand in this order, and `split.npy` has these numbers.
public enum EventUse: Int, Codable, Sendable {
  /// Its gradient moves the parameters.
  case training
  /// It decides which epoch's model is the best.
  case validation
  /// It measures how good that model is.
  case test
  /// It is in the training part of the split but has no effect: its training weight is 0.
  case untrained
  /// It belongs to a process that is scored and never trained on.
  case evaluation
  /// The same for recorded data.
  case data
  /// Removed by the selection: it is in no store.
  case unselected

  /// The uses of events that are in a store, in the order of their rows.
  public static let stored: [EventUse] = [.training, .validation, .test, .untrained, .evaluation, .data]
}

/// The number of events of a store for each use.
public struct EventCounts: Equatable, Sendable {
  private var counts: InlineArray<6, Int>

  public init(
    training: Int = 0, validation: Int = 0, test: Int = 0, untrained: Int = 0, evaluation: Int = 0, data: Int = 0
  ) {
    counts = [training, validation, test, untrained, evaluation, data]
  }

  public subscript(use: EventUse) -> Int {
    get { counts[use.rawValue] }
    set { counts[use.rawValue] = newValue }
  }

  public var training: Int { self[.training] }
  public var validation: Int { self[.validation] }
  public var test: Int { self[.test] }
  public var untrained: Int { self[.untrained] }

  public var total: Int { EventUse.stored.reduce(0) { $0 + self[$1] } }

  public static func == (a: EventCounts, b: EventCounts) -> Bool { EventUse.stored.allSatisfy { a[$0] == b[$0] } }

  public static func += (a: inout EventCounts, b: EventCounts) { for use in EventUse.stored { a[use] += b[use] } }
}

extension EventCounts: Codable {
  /// A list of the numbers, in the order of the uses.
  public func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for use in EventUse.stored { try list.encode(self[use]) }
  }

  public init(from decoder: any Decoder) throws {
    self.init()
    var list = try decoder.unkeyedContainer()
    for use in EventUse.stored { self[use] = try list.decode(Int.self) }
  }
}

extension [EventCounts] {
  /// The events of all elements that have this use.
  public func total(_ use: EventUse) -> Int { reduce(0) { $0 + $1[use] } }
}
