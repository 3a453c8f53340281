import Events
import Machine

// What is printed, by rank 0.

/// Files whose warnings are printed.
private let mostWarnings = 8

extension Prediction {
  func draw(_ bytes: Double) {
    let total = files.reduce(0.0) { $0 + Double($1.stamp.size) }
    let (fraction, time) = (total > 0 ? bytes / total : 1, seconds(since: start))
    report.progress(
      "scores", fraction,
      "\(grouped(events)) events  \(rate) events/s  ETA \(duration(time / max(fraction, 1e-9) * (1 - fraction)))")
  }

  private var rate: String { grouped(Int(Double(events) / max(1e-9, seconds(since: start)))) }

  /// Warns of events without scores. On rank 0, at the end.
  package func warnOfUndefined() {
    func warn(_ which: KeyPath<UndefinedScores, UndefinedScores.Events>, _ what: String) {
      let found = undefined.values.filter { $0[keyPath: which].count > 0 }.sorted { $0.file < $1.file }
      for scores in found.prefix(mostWarnings) {
        let events = scores[keyPath: which]
        report.warn(
          "\(files[scores.file].path): \(counted(events.count, "event")) of \(grouped(eventsOfFiles[scores.file])), "
            + "first event \(events.first + 1), \(what)")
      }
      if found.count > mostWarnings {
        report.warn("\(counted(found.count - mostWarnings, "more file")) have events that \(what)")
      }
    }
    warn(\.far, "have features so far from the training events that the scores are nan; check these events")
    warn(\.cutAway, "fail data.selection and have features that cannot be computed, so the scores are nan")
  }

  /// What was written, how much and how fast.
  package func printSummary(_ output: String, classNames: [String]) {
    let source = files.count == 1 ? "" : " of \(files.count) files"
    report.print(
      "Wrote \(output): \(grouped(events)) event\(events == 1 ? "" : "s")\(source) × \(classes) probabilities "
        + "\(classNames), \(rate) events/s")
  }
}
