import Events
import Machine

extension EventCheck {
  /// NaN and infinities. A training stops at the first; this check counts them for each feature of each file.
  static let notFinite = EventCheck { events in
    events.survey.processes.flatMap { process in
      process.files.flatMap { file in
        zip(events.survey.features, file.columns).flatMap { name, column -> [Finding] in
          guard let first = column.firstNotFinite else { return [] }
          let place = "the first non-finite value is in event \(grouped(first + 1))"
          func finding(_ code: String, _ what: String, _ advice: String) -> Finding {
            Finding(
              .error, code, file: file.path, process: process.name, feature: name, what: "\(what); \(place)",
              advice: advice)
          }
          var findings: [Finding] = []
          if column.nan > 0 {
            findings.append(
              finding(
                "nan", "\(counted(column.nan, "NaN value"))",
                "exclude these events, or replace NaN by a finite value within the range of the others"))
          }
          if column.infinite > 0 {
            findings.append(
              finding(
                "inf", "\(counted(column.infinite, "value")) infinite or beyond 3.4e38, too large for float32",
                "look for a division by 0 or an uninitialised number; correct or exclude these events"))
          }
          return findings
        }
      }
    }
  }
}
