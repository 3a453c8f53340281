package import Events
import Machine

/// One check: a function from events to findings.
package struct EventCheck: Sendable {
  let findings: @Sendable (CheckedEvents) -> [Finding]

  init(_ findings: @escaping @Sendable (CheckedEvents) -> [Finding]) { self.findings = findings }

  /// All checks. To add one, write a file in `Findings` and add it here.
  static let all: [EventCheck] = [
    .notFinite, .missingValues, .spikes, .nearlyConstant, .constantInProcess, .dependent, .units, .separation,
    .rowNumbers,
    .angles, .scores, .physicalRanges, .tails, .repeatedEvents, .unlikeFiles, .unlikeUses, .weights, .names, .precision,
  ]

  /// The findings of all checks and of reading: errors first, then warnings, then notes.
  package static func findings(in survey: EventSurvey) -> [Finding] {
    let events = CheckedEvents(survey)
    let found = survey.findings + concurrentMap(all.count) { all[$0].findings(events) }.flatMap { $0 }
    let counted = found.filter { finding in
      !found.contains { other in
        superseded[other.code]?.contains(finding.code) == true && other.feature == finding.feature
          && (other.process == nil || finding.process == nil || other.process == finding.process)
      }
    }
    return Finding.Severity.allCases.flatMap { severity in counted.filter { $0.severity == severity } }
  }

  /// Findings that follow from another finding about the same feature and would only repeat it.
  private static let superseded: [String: Set<String>] = [
    "sentinel": missing.union(["missing-value"]),
    "missing-value": missing,
    "constant": ["nearly-constant", "precision-differs"],
    "nearly-constant": ["constant-in-process", "long-tail", "outlier", "clipped"],
    "constant-in-process": ["class-leak", "ranges-apart", "precision-differs", "spike", "clipped", "zero-filled"],
    "ranges-apart": ["class-leak"],
    "units-between-processes": ["ranges-apart", "class-leak", "long-tail", "outlier", "units-between-features"],
    "units-between-files": [
      "files-differ", "splits-differ", "units-between-processes", "ranges-apart", "class-leak", "long-tail", "outlier",
      "units-between-features",
    ],
    "row-number": ["class-leak", "ranges-apart", "sorted", "splits-differ", "files-differ", "float32-precision"],
    "phi-degrees": ["phi-range", "phi-convention"],
    "phi-convention": ["phi-range", "files-differ"],
  ]

  /// Findings caused by numbers that mean missing values.
  private static let missing: Set<String> = [
    "negative-value", "eta-range", "score-range", "phi-range", "phi-convention", "phi-degrees", "outlier", "long-tail",
    "spike",
    "clipped", "zero-filled",
  ]
}
