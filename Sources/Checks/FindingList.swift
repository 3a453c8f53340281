package import Events
import Machine

/// Findings as text for a terminal.
package struct FindingList {
  private let findings: [Finding]
  private let width: Int

  /// In the order shown: errors first.
  package init(_ findings: [Finding], width: Int = 100) {
    self.findings = Finding.Severity.allCases.flatMap { severity in findings.filter { $0.severity == severity } }
    self.width = width
  }

  /// At most this many findings of one kind are shown.
  private static let mostOfAKind = 8

  /// For each finding: a line with severity, code and place, then a description, then the advice.
  package var lines: [String] {
    var (lines, counts) = ([String](), [String: Int]())
    for finding in findings {
      let kind = finding.severity.rawValue + finding.code
      counts[kind, default: 0] += 1
      if counts[kind, default: 0] <= Self.mostOfAKind {
        lines += self.lines(of: finding)
      } else if counts[kind, default: 0] == Self.mostOfAKind + 1 {
        let others = findings.filter { $0.severity == finding.severity && $0.code == finding.code }.dropFirst(
          Self.mostOfAKind)
        let features = others.compactMap(\.feature).prefix(5).map { $0.abridged(toColumns: 28) }
        lines.append("\(padded(finding.severity.rawValue, 8))\(finding.code): \(others.count) more; --json lists all")
        if !features.isEmpty {
          lines += wrapped(
            "features \(features.joined(separator: ", "))\(others.count > features.count ? ", …" : "")", indent: 8)
        }
      }
    }
    return lines
  }

  private func lines(of finding: Finding) -> [String] {
    let place = [
      finding.process.map { "process \($0.abridged(toColumns: 28))" },
      finding.feature.map { "feature '\($0.abridged(toColumns: 28))'" },
      finding.process == nil || finding.feature == nil ? finding.file.map { $0.abridged(to: 300) } : nil,
    ].compactMap { $0 }.joined(separator: ", ")
    let head = "\(padded(finding.severity.rawValue, 8))\(finding.code)\(place.isEmpty ? "" : ": \(place)")".onOneLine
    return [head] + wrapped(text(finding), indent: 8)
      + (finding.advice.isEmpty ? [] : wrapped("→ " + finding.advice, indent: 10))
  }

  /// The description; a finding about a feature in a file names the file too.
  private func text(_ finding: Finding) -> String {
    guard let file = finding.file, finding.process != nil, finding.feature != nil else { return finding.what }
    return "\(file.abridged(to: 300)): \(finding.what)"
  }

  /// The number of findings, as in `2 errors, 1 warning`; nil if there are none.
  package var summary: String? {
    let counts = Finding.Severity.allCases.compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      return count > 0 ? counted(count, severity.rawValue) : nil
    }
    return counts.isEmpty ? nil : counts.joined(separator: ", ")
  }

  /// Wraps text at `width` columns (longer words are not split). The lines of an advice are aligned with its text.
  private func wrapped(_ text: String, indent: Int) -> [String] {
    let hanging = text.hasPrefix("→ ") ? 2 : 0
    var lines: [String] = []
    var line = String(repeating: " ", count: indent - hanging)
    var isEmpty = true
    for word in text.onOneLine.split(separator: " ") {
      if !isEmpty, line.columns + 1 + String(word).columns > width {
        lines.append(line)
        (line, isEmpty) = (String(repeating: " ", count: indent), true)
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }
}
