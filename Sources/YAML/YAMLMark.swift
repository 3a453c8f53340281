/// A place in a YAML text.
public struct YAMLMark: Equatable, Sendable, CustomStringConvertible {
  /// From 1. CR LF, CR, LF, U+0085, U+2028 and U+2029 end a line.
  public internal(set) var line = 1
  /// In Unicode scalars, from 1.
  public internal(set) var column = 1
  /// Unicode scalars before this place.
  var offset = 0

  /// The start of a text.
  public static var start: YAMLMark { YAMLMark() }

  /// `LINE:COLUMN`
  public var description: String { "\(line):\(column)" }

  /// Moves past `scalar`, where `previous` stands before it.
  mutating func advance(over scalar: Unicode.Scalar, after previous: Unicode.Scalar?) {
    offset += 1
    switch scalar {
    case "\n" where previous == "\r": break
    case _ where scalar.endsLine:
      line += 1
      column = 1
    default: column += 1
    }
  }
}

extension YAMLMark {
  /// The place right after `text`, which begins a YAML text.
  public init(endOf text: Substring.UnicodeScalarView) {
    var previous: Unicode.Scalar?
    for scalar in text {
      advance(over: scalar, after: previous)
      previous = scalar
    }
  }
}

extension Unicode.Scalar {
  /// Whether the character is a line break of YAML 1.1, or part of one.
  var endsLine: Bool {
    switch self {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }
}
