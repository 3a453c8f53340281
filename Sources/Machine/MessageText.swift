// How messages show what others have written, and numbers: nothing that a message quotes breaks its line or makes it
// too long to read.

extension String {
  /// The beginning of the text, at most `length` characters of it.
  public func abridged(to length: Int = 60) -> String {
    // Scalars: a single character can have any number of them, and all of them would have to be read to count.
    let beginning = unicodeScalars.prefix(length)
    return String(beginning) + (beginning.endIndex < endIndex ? "…" : "")
  }

  /// The beginning of the text in single quotes.
  public var quoted: String { "'\(abridged())'" }

  /// The beginning of the text as a string literal, in double quotes: for names from untrusted files.
  public var literal: String {
    // A debug description leaves the second block of control characters, U+0080 to U+009F, as it is.
    String(String.UnicodeScalarView(unicodeScalars.prefix(60))).debugDescription.onOneLine
      + (unicodeScalars.dropFirst(60).isEmpty ? "" : "…")
  }

  /// The text with whatever would break or repaint a terminal's line written as `\u{…}`.
  public var onOneLine: String {
    unicodeScalars.contains(where: \.isInvisible)
      ? unicodeScalars.map { $0.isInvisible ? $0.escaped(asASCII: true) : String($0) }.joined() : self
  }
}

extension String {
  /// The text as one word of a shell's command line.
  public var quotedForShell: String {
    let isPlain = unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_./=+,:@%".unicodeScalars.contains(scalar)
    }
    return isPlain && !isEmpty ? self : "'\(replacing("'", with: #"'\''"#))'"
  }
}

extension Unicode.Scalar {
  /// Whether this is a control or formatting character or a line break: never part of a name or path.
  public var isInvisible: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension Collection where Element == UInt8 {
  /// Two lower-case hexadecimal digits a byte.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension [String] {
  /// `one`, `one or two`, `one, two or three`.
  public var alternatives: String {
    guard count > 1, let last else { return joined() }
    return dropLast().joined(separator: ", ") + " or " + last
  }
}

/// `1 value`, `2 values`.
public func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// `value` with this many digits behind the point; plain scientific notation where that would hide it.
public func decimals(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite, value.magnitude < 1e9 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let units = (value.magnitude * scale).rounded()
  let whole = "\(Int(units / scale))"
  let fraction = "\(Int(units.truncatingRemainder(dividingBy: scale)))"
  let sign = value < 0 && units > 0 ? "-" : ""
  return sign + whole + (digits > 0 ? "." + padded(zeros: digits, fraction) : "")
}

/// `digits` with zeros before them up to `width` characters.
public func padded(zeros width: Int, _ digits: String) -> String {
  String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// A duration in readable form.
public func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "?" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(whole / 3600) h \(whole / 60 % 60) min"
}

/// A number with commas between thousands.
public func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var groups: [Substring] = []
  var rest = digits[...]
  while rest.count > 3 {
    groups.insert(rest.suffix(3), at: 0)
    rest = rest.dropLast(3)
  }
  groups.insert(rest, at: 0)
  return (number < 0 ? "-" : "") + groups.joined(separator: ",")
}
