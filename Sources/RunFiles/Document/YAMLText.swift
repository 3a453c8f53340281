// Values as YAML that every reader takes for the same values.

import Machine

extension BinaryFloatingPoint where Self: LosslessStringConvertible {
  /// The shortest decimal number that reads back as this one, as YAML 1.1 and 1.2 agree that it is a number: with a
  /// point even before an exponent.
  var yaml: String {
    let text = description
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
    return "\(text[..<exponent]).0\(text[exponent...])"
  }
}

extension [String] {
  var yaml: String { "[\(map(\.yaml).joined(separator: ", "))]" }
}

extension String {
  /// The text as a YAML scalar: plain where every YAML reader takes it for the same text, else in double quotes.
  var yaml: String {
    let words: Set = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
    let isPlain =
      unicodeScalars.first.map { $0.isLetter || $0 == "_" || $0 == "/" } ?? false
      && unicodeScalars.allSatisfy { $0.isLetter || "_-./0123456789".unicodeScalars.contains($0) }
    if isPlain, !words.contains(lowercased()) { return self }
    let escaped = unicodeScalars.map { scalar in
      switch scalar {
      case "\\", "\"": "\\\(scalar)"
      case _ where scalar.isInvisible || !scalar.isYAMLPrintable:
        // Eight hexadecimal digits: the ninth, a leading one, keeps the zeros and goes.
        "\\U\(String(UInt64(scalar.value) | 1 << 32, radix: 16).dropFirst())"
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}

extension Unicode.Scalar {
  fileprivate var isLetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
