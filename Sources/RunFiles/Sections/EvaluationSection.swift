import Machine

extension RunFile {
  /// The section `evaluation`: what `dist-train evaluate` finds out. It has no effect on the training.
  package struct EvaluationSection: Equatable, Sendable, Codable {
    /// The classes that count as signal, together; the others are the background. Empty: the first class.
    package var signal: [String]
    /// Replicas of the events for statistical errors, 0 to 10,000; 0: no errors. Default: 200.
    package var bootstrap: Int

    /// The places of the classes of the signal among all classes.
    package func signalClasses(_ names: [String]) -> [Int] {
      signal.isEmpty ? [0] : names.indices.filter { signal.contains(names[$0]) }
    }
  }
}

extension RunFile.EvaluationSection {
  init(_ section: RunFileSection, classNames: [String]) {
    var others = Set<String>()
    signal = section["signal"].flatMap { $0.isNull ? nil : $0.list { $0.text(unlike: &others) } } ?? []
    bootstrap = section["bootstrap"]?.integer(0...10_000) ?? 200
    if let wrong = signal.first(where: { !classNames.contains($0) }) {
      section.report(
        "signal", "names \(wrong.quoted), which is not a class; the classes are \(classNames.joined(separator: ", "))")
    } else if !classNames.isEmpty, Set(signal).count == classNames.count {
      section.report("signal", "names all classes; leave one out, the background")
    }
  }

  var yaml: String {
    """
    evaluation:
      signal: \(signal.isEmpty ? "null" : signal.yaml)
      bootstrap: \(bootstrap)
    """
  }
}
