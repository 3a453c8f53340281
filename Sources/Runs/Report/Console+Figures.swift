import Machine
package import Results

/// What `dist-train evaluate` prints of the figures of samples: tables of at most 100 columns.
extension Console {
  private static let mostClasses = 20

  /// The classes, each against the rest, then the signal against the background.
  package func print(_ figures: SampleFigures, isWeighted: Bool) {
    print()
    let widths = [9, 12, 16, 16, 18] + (isWeighted ? [18] : [])
    let name = 100 - (isWeighted ? 0 : 18) - widths.reduce(0, +)
    func row(_ first: String, _ cells: [String]) {
      print(padded(first.abridged(toColumns: name - 2), name) + zip(cells, widths).map { aligned($0, $1) }.joined())
    }
    row(
      "class",
      ["events", isWeighted ? "Σw" : "share", "efficiency", "purity", "AUC"] + (isWeighted ? ["AUC, expected"] : []))
    for item in figures.classes.prefix(Self.mostClasses) {
      row(
        item.name,
        [
          grouped(item.events),
          isWeighted ? significant(item.expected) : decimals(Double(item.events) / Double(figures.events), 3),
          text(item.efficiency, 3), text(item.purity.equal, 3), text(item.auc.equal, 4),
        ] + (isWeighted ? [text(item.auc.expected, 4)] : []))
    }
    row(
      "mean",
      ["", "", text(figures.balancedAccuracy, 3), "", text(figures.macroAUC.equal, 4)]
        + (isWeighted ? [text(figures.macroAUC.expected, 4)] : []))
    print(
      "Each class against the rest, with classes counting the same"
        + (isWeighted ? "; expected: mixed by Σw of the whole processes" : ""))
    print(figures.signal, isWeighted: isWeighted)
  }

  private func print(_ signal: SampleFigures.Signal, isWeighted: Bool) {
    print()
    let widths = [17, 12] + SampleFigures.efficiencies.map { _ in 12 }
    let name = 100 - widths.reduce(0, +)
    func row(_ first: String, _ cells: [String]) {
      print(padded(first.abridged(toColumns: name - 2), name) + zip(cells, widths).map { aligned($0, $1) }.joined())
    }
    row(
      "\(signal.classes.joined(separator: " + ")) against",
      ["AUC", "separation"] + SampleFigures.efficiencies.map { "1/ε_b \(Int(($0 * 100).rounded())) %" })
    func line(_ name: String, _ against: SampleFigures.Against) {
      row(
        name,
        [text(against.auc, 4), decimals(against.separation.value, 3)] + against.rejections.map { rejection($0) })
    }
    for against in signal.classesOfBackground.prefix(Self.mostClasses) { line(against.background ?? "", against) }
    if signal.classesOfBackground.count > 1 {
      line("all, equal mix", signal.equal)
      if isWeighted { line("all, as expected", signal.expected) }
    }
    print("By the discriminant ln(p_signal / Σ f p_background); 1/ε_b: background rejection at a signal efficiency")
  }

  /// Training, validation and test events side by side.
  package func print(_ samples: [(name: String, figures: SampleFigures)], _ overtraining: Overtraining?) {
    guard samples.count > 1 else { return }
    print()
    func row(_ first: String, _ cells: [String]) {
      print(padded(first, 28) + cells.map { aligned($0, 18) }.joined())
    }
    row("", samples.map(\.name) + (overtraining.map { ["training − \($0.split)"] } ?? []))
    row("events", samples.map { grouped($0.figures.events) })
    row("accuracy", samples.map { text($0.figures.accuracy, 4) })
    row(
      "AUC, mean of the classes",
      samples.map { text($0.figures.macroAUC.equal, 4) } + (overtraining.map { [text($0.macroAUC, 4)] } ?? []))
    row(
      "AUC, signal",
      samples.map { text($0.figures.signal.equal.auc, 4) } + (overtraining.map { [text($0.signalAUC, 4)] } ?? []))
    if let overtraining {
      func distance(_ test: KolmogorovSmirnov) -> String {
        decimals(test.distance, 4) + (test.probability.map { " (p = \(decimals($0, 3)))" } ?? "")
      }
      print(
        "Largest distance of the discriminant's cumulative distributions (KS), training and \(overtraining.split): signal "
          + "\(distance(overtraining.signal)), background \(distance(overtraining.background))")
    }
  }

  /// The significance in bins and above the cut, at most 100 columns.
  package func print(_ found: ExpectedSignificance, _ backgroundUncertainty: Double) {
    print()
    func row(_ first: String, _ cells: [String]) {
      print(padded(first, 24) + zip(cells, [13, 22, 9, 10, 16]).map { aligned($0, $1) }.joined())
    }
    func line(_ name: String, _ bin: ExpectedSignificance.Bin) {
      row(
        name,
        [
          significant(bin.yield.signal), "\(significant(bin.yield.background)) ± \(significant(bin.uncertainty))",
          grouped(Int(bin.yield.effectiveEvents.rounded())), decimals(bin.significance, 3),
          decimals(bin.significanceOfKnown, 3),
        ])
    }
    row("discriminant", ["signal", "background", "n_eff", "Z_A", "Z_A, b known"])
    for (number, bin) in found.bins.enumerated() {
      let lower = bin.edge.isFinite ? decimals(Double(bin.edge), 3) : "below"
      line(number == 0 ? (bin.edge.isFinite ? "from \(lower)" : "all") : lower, bin)
    }
    row("all bins", ["", "", "", text(found.combined, 3), text(found.combinedOfKnown, 3)])
    if let cut = found.cut { line("cut at \(decimals(Double(cut.edge), 3))", cut) }
    let uncertainty =
      backgroundUncertainty > 0 ? "\(percent(backgroundUncertainty)) and " : ""
    print(
      "Z_A at the yields of the whole processes, on test events; bins and cut chosen on validation events. ±: \(uncertainty)statistics of "
        + "the simulation, uncorrelated between bins"
        + (found.merged > 0 ? "; \(counted(found.merged, "bin")) joined with the next for lack of background" : ""))
  }

  /// 0.1 → "10 %", 0.025 → "2.5 %".
  private func percent(_ share: Double) -> String {
    let text = "\(Double(Float(100 * share)))"
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " %"
  }

  private func text(_ figure: Figure, _ digits: Int) -> String {
    guard figure.value.isFinite else { return "–" }
    return decimals(figure.value, digits) + (figure.error.map { " ± \(decimals($0, digits))" } ?? "")
  }

  /// With as many digits as its error allows, at least two.
  private func rejection(_ figure: Figure) -> String {
    guard figure.value.isFinite else { return figure.value.isNaN ? "–" : "∞" }
    func digits(_ value: Double) -> Int { value < 10 ? 2 : value < 100 ? 1 : 0 }
    let places = digits(max(figure.value, 10 * (figure.error ?? 0)))
    return decimals(figure.value, places) + (figure.error.map { " ± \(decimals($0, places))" } ?? "")
  }
}
