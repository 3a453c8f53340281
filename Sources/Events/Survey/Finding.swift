/// An error, a warning or a note about the events of a run, or about the run itself.
public struct Finding: Codable, Equatable, Sendable {
  public enum Severity: String, Codable, CaseIterable, Comparable, Sendable {
    /// A training would stop with it.
    case error
    /// A training would start, but its result is probably not what the user wants.
    case warning
    /// It may be intended.
    case note

    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  public var severity: Severity
  /// The kind of finding, with a name that is stable from version to version, such as `ranges-apart`.
  public var code: String
  /// Where it is, if it has a place: `FILE:LINE:COLUMN`, the process, the feature.
  public var file: String?
  public var process: String?
  public var feature: String?
  public var what: String
  /// What to do about it; may be empty.
  public var advice: String

  public init(
    _ severity: Severity, _ code: String, file: String? = nil, process: String? = nil, feature: String? = nil,
    what: String, advice: String = ""
  ) {
    self.severity = severity
    self.code = code
    self.file = file
    self.process = process
    self.feature = feature
    self.what = what
    self.advice = advice
  }

  /// From an error that stopped reading.
  public init(_ error: DataError, code: String) {
    var place = error.file
    if let line = error.line { place += ":\(line)" }
    if let column = error.column { place += ":\(column)" }
    self.init(.error, code, file: place.isEmpty ? nil : place, what: error.what, advice: error.advice)
  }

  /// The text without the place, which the messages of a training name themselves.
  public var line: String { advice.isEmpty ? what : "\(what); \(advice)" }
}
