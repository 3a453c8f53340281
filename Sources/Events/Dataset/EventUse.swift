/// What an event is used for.
public enum EventUse: Int, CaseIterable, Codable, Sendable {
  /// Its gradient moves the parameters.
  case training
  /// It decides which epoch's model is the best.
  case validation
  /// It tells how good that model is.
  case test
}

/// How many events of a process there are for each use.
public struct EventCounts: Codable, Equatable, Sendable {
  public var training: Int
  public var validation: Int
  public var test: Int

  public init(training: Int = 0, validation: Int = 0, test: Int = 0) {
    self.training = training
    self.validation = validation
    self.test = test
  }

  public subscript(use: EventUse) -> Int {
    get {
      switch use {
      case .training: training
      case .validation: validation
      case .test: test
      }
    }
    set {
      switch use {
      case .training: training = newValue
      case .validation: validation = newValue
      case .test: test = newValue
      }
    }
  }

  public var total: Int { training + validation + test }
}

extension [EventCounts] {
  /// The events of all processes that have this use.
  public func total(_ use: EventUse) -> Int { reduce(0) { $0 + $1[use] } }
}
