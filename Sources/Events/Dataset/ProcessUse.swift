/// What the events of a process are for.
public enum ProcessUse: String, CaseIterable, Codable, Sendable {
  /// They are divided into training, validation and test events.
  case train
  /// They are simulated events that are scored and listed apart: a minor background, another generator.
  case evaluate
  /// The same for recorded data, whose events weigh 1.
  case data
}

/// How the processes of a class count in it.
public enum ProcessShare: String, CaseIterable, Codable, Sendable {
  /// As the sums of their weights are.
  case weight
  /// As their numbers of events are: an event of each has the same mean weight.
  case events
  /// All the same.
  case equal
}

/// What is to be done with the events of a process.
public struct ProcessRole: Equatable, Sendable {
  public var use: ProcessUse
  /// The class of its events; nil where each event has a label, and for events that are of no class.
  public var className: String?
  /// What every weight of its events is multiplied by; nil where nothing says so, which counts as 1.
  public var scale: Double?

  public init(_ use: ProcessUse = .train, className: String?, scale: Double? = nil) {
    (self.use, self.className, self.scale) = (use, className, scale)
  }
}
