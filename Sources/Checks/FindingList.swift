package import Events
import Machine

/// Findings as people read them at a terminal.
package struct FindingList {
  private let findings: [Finding]
  private let width: Int

  /// In the order in which they are shown: errors first.
  package init(_ findings: [Finding], width: Int = 100) {
    self.findings = Finding.Severity.allCases.flatMap { severity in findings.filter { $0.severity == severity } }
    self.width = width
  }

  /// Of each finding a line with severity, code and place, one or more with what it is, and those with what to do.
  package var lines: [String] {
    findings.flatMap { finding in
      let place = [
        finding.process.map { "process \($0.abridged())" }, finding.feature.map { "feature \($0.quoted)" },
        finding.process == nil || finding.feature == nil ? finding.file.map { $0.abridged(to: 300) } : nil,
      ].compactMap { $0 }.joined(separator: ", ")
      let head = "\(padded(finding.severity.rawValue, 8))\(finding.code)\(place.isEmpty ? "" : ": \(place)")".onOneLine
      let advice = finding.advice.isEmpty ? [] : wrapped("→ " + finding.advice, indent: 10)
      return [head] + wrapped(text(finding), indent: 8) + advice
    }
  }

  /// A finding of a feature in a file names both.
  private func text(_ finding: Finding) -> String {
    guard let file = finding.file, finding.process != nil, finding.feature != nil else { return finding.what }
    return "\(file.abridged(to: 300)): \(finding.what)"
  }

  /// How many there are: `2 errors, 1 warning`; nil for none.
  package var summary: String? {
    let counts = Finding.Severity.allCases.compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      return count > 0 ? counted(count, severity.rawValue) : nil
    }
    return counts.isEmpty ? nil : counts.joined(separator: ", ")
  }

  /// A text in lines of at most `width` columns, but for words that are longer; all but the first line of advice stand below its text.
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
