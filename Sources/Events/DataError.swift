/// Why event files cannot be used: which file, where in it, what is wrong there, what to do.
public struct DataError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What went wrong; the raw value is the exit code (sysexits.h).
  public enum Kind: Int32, Sendable {
    /// The file was read, and what it holds cannot be used.
    case badData = 65
    /// There is no file that this program may read under that name.
    case missing = 66
    /// The operating system failed to read the file.
    case inputOutput = 74
  }

  /// What went wrong.
  public var kind: Kind
  /// The path of the file, or `process NAME` where no single file is at fault.
  public var file: String
  /// The line of a text file, counted from 1.
  public var line: Int?
  /// The character in the line, counted from 1 (a tab is one character): where the offending value begins.
  public var column: Int?
  /// What is wrong.
  public var what: String
  /// What to do about it.
  public var advice: String

  /// An error in `file`, at `line` and `column` where they are known.
  public init(_ kind: Kind, file: String, line: Int? = nil, column: Int? = nil, what: String, advice: String) {
    self.kind = kind
    self.file = file
    self.line = line
    self.column = column
    self.what = what
    self.advice = advice
  }

  /// One line: `FILE:LINE:COLUMN: what; advice`.
  public var description: String {
    var place = file
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return printable("\(place): \(what); \(advice)")
  }
}

/// The beginning of a text out of a file, at most `length` characters of it, so that a message stays readable.
func abridged(_ text: String, to length: Int = 60) -> String {
  // Scalars: a single character of a String can have any number of them.
  let beginning = text.unicodeScalars.prefix(length)
  return String(beginning) + (beginning.endIndex < text.endIndex ? "…" : "")
}

/// `text` with control characters spelled out, so that a message stays on its line and leaves the terminal alone.
func printable(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: result += scalar.escaped(asASCII: true)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
