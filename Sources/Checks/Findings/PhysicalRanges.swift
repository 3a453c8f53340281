import Events
import Machine

extension EventCheck {
  /// A little above π and 2π, because float32 and text files round.
  private static let halfTurn: Float = 3.1417
  private static let turn: Float = 6.2834

  /// Azimuths in degrees, in mixed conventions, or outside both conventions.
  static let angles = EventCheck { events in
    events.survey.features.indices.filter { events.quantities[$0] == .azimuth }.compactMap { feature in
      let name = events.survey.features[feature]
      let processes = events.survey.processes.indices.filter { !events.ranges[$0][feature].isEmpty }
      let range = { (number: Int) in events.ranges[number][feature] }
      let names = { (numbers: [Int]) in CheckedEvents.list(numbers.map { events.survey.processes[$0].name }) }
      let all = processes.map(range).joined
      func finding(_ code: String, _ numbers: [Int], _ what: String, _ advice: String) -> Finding {
        Finding(
          .warning, code, process: numbers.count == 1 ? events.survey.processes[numbers[0]].name : nil, feature: name,
          what: what,
          advice: advice)
      }
      let inDegrees = processes.filter {
        let largest = max(range($0).maximum, -range($0).minimum)
        return largest > 60 && largest <= 360.01
      }
      if !inDegrees.isEmpty {
        let values = inDegrees.map(range).joined
        return finding(
          "phi-degrees", inDegrees,
          "ranges from \(rounded(values.minimum)) to \(rounded(values.maximum)) in \(names(inDegrees)): degrees"
            + (inDegrees.count < processes.count ? ", while other processes use radians" : ""),
          "use radians in (−π, π] in all files")
      }
      // Signed: below 0 by more than rounding, and at most π. Unsigned: never below 0, and above π.
      let signed = processes.filter { range($0).minimum < -0.1 && range($0).maximum <= halfTurn }
      let unsigned = processes.filter { range($0).minimum >= 0 && range($0).maximum > 3.3 && range($0).maximum <= turn }
      if !signed.isEmpty, !unsigned.isEmpty {
        return finding(
          "phi-convention", [], "lies in (−π, π] in \(names(signed)), but in [0, 2π) in \(names(unsigned))",
          "use one convention in all files: (−π, π]")
      }
      let beyond = processes.filter {
        let (low, high) = (range($0).minimum, range($0).maximum)
        return low < -0.1 && high > 3.3 || low < -3.3 || high > turn
      }
      guard !beyond.isEmpty, all.minimum < all.maximum else { return nil }
      return finding(
        "phi-range", beyond,
        "ranges from \(rounded(all.minimum)) to \(rounded(all.maximum)) in \(names(beyond)), outside both (−π, π] and [0, 2π)",
        "map it to (−π, π] by adding or subtracting 2π")
    }
  }

  /// Tagger scores below 0 or above 1.
  static let scores = EventCheck { events in
    events.survey.features.indices.filter { events.quantities[$0] == .score }.compactMap { feature in
      let column = events.pooled[feature]
      let range = events.survey.processes.indices.map { events.ranges[$0][feature] }.joined
      // Integers are working points or counts.
      guard !range.isEmpty, range.minimum < 0 || range.maximum > 1, !column.isInteger, !column.isEmpty else {
        return nil
      }
      let inside = Double(column.position(above: 1) - column.position(of: 0)) / Double(column.count)
      let text = "ranges from \(rounded(range.minimum)) to \(rounded(range.maximum))"
      let name = events.survey.features[feature]
      guard inside > 0.8 else {
        return Finding(
          .note, "score-scale", feature: name, what: "\(text), so it is not a probability",
          advice: "fine if intended in all processes, as for a logit or the output of a BDT")
      }
      return Finding(
        .warning, "score-range", feature: name,
        what: "\(text), but \(percent(inside)) of the events have a score between 0 and 1",
        advice: "check the other events: is it a default for objects without a score?")
    }
  }

  /// Pseudorapidities outside any detector, and negative momenta, masses and energies.
  static let physicalRanges = EventCheck { events in
    events.survey.features.indices.compactMap { feature in
      let name = events.survey.features[feature]
      let numbers = events.survey.processes.indices.filter { number in
        let range = events.ranges[number][feature]
        return !range.isEmpty
          && (events.quantities[feature] == .pseudorapidity
            ? max(range.maximum, -range.minimum) > 10 : range.minimum < 0)
      }
      guard !numbers.isEmpty else { return nil }
      let range = numbers.map { events.ranges[$0][feature] }.joined
      let names = CheckedEvents.list(numbers.map { events.survey.processes[$0].name })
      switch events.quantities[feature] {
      case .pseudorapidity:
        return Finding(
          .warning, "eta-range", feature: name,
          what:
            "ranges from \(rounded(range.minimum)) to \(rounded(range.maximum)) in \(names), but detectors end at |η| of about 5",
          advice: "check the order of the columns, and the default for absent objects")
      case .energy:
        return Finding(
          .warning, "negative-value", feature: name,
          what: "goes down to \(rounded(range.minimum)) in \(names), but a momentum, mass "
            + "or energy cannot be negative",
          advice: "check the order of the columns, and the default for missing values")
      default: return nil
      }
    }
  }
}
