/// What is wrong with a run file or with a `--section.key=value`, in one line: where, what, what to do.
public struct RunFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `FILE:LINE:COLUMN` (both from 1, columns in Unicode scalars), `FILE` where it cannot be read, or
  /// `--section.key=value`. A value that is an alias is placed where its anchor stands.
  public let place: String
  /// What is wrong; what to do.
  public let message: String
  /// 64 for what the file says, 66 for a file that cannot be read (`EX_USAGE` and `EX_NOINPUT` of sysexits.h).
  public let exitCode: Int32

  init(_ place: String, _ message: String, exitCode: Int32 = 64) {
    self.place = place.onOneLine
    self.message = message.onOneLine
    self.exitCode = exitCode
  }

  /// `place: message`
  public var description: String { "\(place): \(message)" }
}

extension String {
  /// The text in single quotes, cut after 60 characters, so that a message stays readable.
  var quoted: String {
    // Scalars: a single character can have any number of them, and all of them would have to be read to count.
    let beginning = unicodeScalars.prefix(60)
    return "'\(String(beginning))\(beginning.endIndex < endIndex ? "…" : "")'"
  }

  /// The text with whatever would break or repaint a terminal's line written as `\u{…}`.
  var onOneLine: String {
    unicodeScalars.contains(where: \.isInvisible)
      ? unicodeScalars.map { $0.isInvisible ? $0.escaped(asASCII: true) : String($0) }.joined() : self
  }
}

extension Unicode.Scalar {
  /// Whether this is a control or formatting character or a line break: never part of a name or path.
  var isInvisible: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
