import Events
import Machine

extension EventCheck {
  /// Features whose names suggest that they should not be learnt from, and columns that the run file does not use.
  static let names = EventCheck { events in
    let suspicious = events.survey.features.filter { bookkeeping.contains(Quantity.words(of: $0).joined()) }
    var findings = suspicious.map { name in
      Finding(
        .warning, "bookkeeping-name", feature: name,
        what: "is used as a feature, but is named like a label, a weight or an event number",
        advice: "if it is one, move it from data.features to data.label, data.weight or data.event")
    }
    for process in events.survey.processes {
      guard let file = process.files.first(where: { !$0.unused.isEmpty }),
        process.name == firstWith(file.unused, events)
      else {
        continue
      }
      let shownNames = file.unused.prefix(8).map { $0.abridged(to: 30) }.joined(separator: ", ")
      findings.append(
        Finding(
          .note, "unused-columns", file: file.path, process: process.name,
          what:
            "\(counted(file.unused.count, "column")) of the file \(file.unused.count == 1 ? "is" : "are") not used: "
            + shownNames + (file.unused.count > 8 ? ", …" : "")))
    }
    return findings
  }

  /// The first process with these columns: similar files get one finding.
  private static func firstWith(_ unused: [String], _ events: CheckedEvents) -> String? {
    events.survey.processes.first { $0.files.contains { $0.unused == unused } }?.name
  }

  /// In lower case, without word separators.
  private static let bookkeeping: Set<String> = [
    "label", "target", "class", "truth", "istruth", "issignal", "issig", "signal", "isbackground", "isbkg",
    "weight",
    "eventweight", "genweight", "mcweight", "puweight", "totalweight", "event", "eventnumber", "eventid", "evt",
    "run",
    "runnumber", "lumi", "luminosityblock", "lumiblock", "ls", "entry", "row", "index", "unnamed0", "dsid",
    "mcchannelnumber",
    "channelnumber", "sampleid", "processid", "fold", "xsec", "crosssection",
  ]
}
