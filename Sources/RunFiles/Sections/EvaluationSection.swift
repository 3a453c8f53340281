import Machine

extension RunFile {
  /// The section `evaluation`: what `dist-train evaluate` finds out. It has no effect on the training.
  package struct EvaluationSection: Equatable, Sendable, Codable {
    /// The classes that count as signal, together; the others are the background. Empty: the first class.
    package var signal: [String]
    /// Relative uncertainty of the background in each bin of the discriminant, 0 or more. Default: 0.
    package var backgroundUncertainty: Double
    /// Up to so many bins of the discriminant, 1 to 1,000. Default: 10.
    package var bins: Int
    /// What each bin must hold of background: expected events, 0 or more, and (Σw)²/Σw², 1 or more. Defaults: 0 and 10.
    package var minBackground: Double
    package var minEffectiveEvents: Double
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
    backgroundUncertainty = section["background_uncertainty"]?.number(.atLeast(0)) ?? 0
    bins = section["bins"]?.integer(1...1000) ?? 10
    minBackground = section["min_background"]?.number(.atLeast(0)) ?? 0
    minEffectiveEvents = section["min_n_eff"]?.number(.atLeast(1)) ?? 10
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
      background_uncertainty: \(backgroundUncertainty.yaml)
      bins: \(bins)
      min_background: \(minBackground.yaml)
      min_n_eff: \(minEffectiveEvents.yaml)
      bootstrap: \(bootstrap)
    """
  }
}
