import Events
import Machine
import Numerics
package import Results
import RunFiles

/// What a run prints about its processes, unless each is simply a class.
extension Console {
  /// What the events of each process are for, and what they weigh: at most 100 columns. Nothing for a plain run, whose table of
  /// classes says it all.
  func printProcesses(_ events: EventStore) {
    let header = events.header
    guard !header.isPlain else { return }
    let row = { (name: String, group: String, use: String, cells: [String]) in
      padded(name.abridged(toColumns: 15), 17) + padded(group.abridged(toColumns: 11), 13) + padded(use, 9)
        + zip(cells, [12, 10, 12, 7, 10, 10]).map { aligned($0, $1) }.joined()
    }
    print()
    print(row("process", "class", "use", ["events", "Σw", "n_eff", "w < 0", "factor", "Σt"]))
    // Numbers of the nominal column are in a unit; the factor shown is that of w itself.
    let unit = header.usesWeights ? header.weights.first { $0.kind == .nominal }?.unit ?? 0 : 0
    for process in header.processes {
      let isTrained = process.use == .train
      let factor = process.classIndex.map { scaled(Double(process.factors[$0]), by: -unit) }
      let training = process.trainingWeights.reduce(0, +)
      let group = process.classIndex.map { header.classNames[$0] } ?? (isTrained ? "by label" : "–")
      print(
        row(
          process.name, group, process.use.rawValue,
          [
            grouped(process.counts.total), process.yield.map { significant($0.sum) } ?? "–",
            process.yield.map { grouped(Int($0.effectiveEvents.rounded())) } ?? "–",
            process.yield.map { share($0.negative, of: process.counts.total) } ?? "–",
            isTrained ? factor.map(significant) ?? "–" : "–", isTrained ? significant(training) : "–",
          ]))
    }
    print(
      "Σw: physics weights; n_eff = (Σw)²/Σw²; Σt: training weights, factor × "
        + (header.usesWeights ? (header.trainsOnSigns ? "w" : "|w|") : "1") + ", of the training events")
    let untrained = header.processes.filter { $0.counts.untrained > 0 }
    if !untrained.isEmpty {
      let names = untrained.prefix(10).map { "\(Self.tableName($0.name)) \(grouped($0.counts.untrained))" }
      print(
        "Training events of weight 0, which are left out: \(names.joined(separator: ", "))"
          + (untrained.count > 10 ? ", …" : ""))
    }
  }

  /// Which seed divides the events, where an older version would have used another.
  func printSplitSeed(_ run: RunFile) {
    guard run.hasDefaultSplitSeed, run.split.seed != run.training.seed, run.split.by == .random else { return }
    print(
      "split.seed is not in the run file: \(run.split.seed) divides the events (up to version 0.6 it was training.seed, "
        + "\(run.training.seed))")
  }

  /// How the network classifies the processes that are not trained on: for each, the share of events assigned to each class, and
  /// its mean score.
  package func print(_ processes: [ProcessScores], classes: [String]) {
    guard !processes.isEmpty else { return }
    print()
    guard classes.count <= Self.mostClassesInMatrix else {
      return print(
        "Not trained on: \(processes.map { Self.tableName($0.name) }.joined(separator: ", ")); how they are classified: "
          + "\"processes\" in the JSON file")
    }
    let width = Self.nameWidth(processes.map(\.name) + ["not trained on"])
    let longest = max(10, min(Self.longestName, 80 / classes.count))
    let titles = classes.map { $0.abridged(toColumns: longest) }
    let column = max(9, (titles.map(\.columns).max() ?? 0) + 2)
    let row = { (name: String, cells: [String], figures: String, values: [String]) in
      padded(name, width) + padded(cells[0], 9) + aligned(cells[1], 11) + aligned(cells[2], 11) + "  "
        + padded(figures, 10) + values.map { aligned($0, column) }.joined()
    }
    print(row("not trained on", ["use", "events", "Σw"], "", titles))
    for process in processes {
      let events = process.scores.events
      print(
        row(
          Self.tableName(process.name),
          [process.use, grouped(events), process.sumWeights.map(significant) ?? "–"], "taken for",
          process.scores.predicted.map { decimals(Double($0) / Double(events), 4) }))
      print(row("", ["", "", ""], "mean score", process.scores.means.map { $0.isFinite ? decimals($0, 4) : "–" }))
    }
  }

  private func share(_ count: Int, of total: Int) -> String {
    count == 0 ? "0 %" : "\(decimals(100 * Double(count) / Double(max(1, total)), 1)) %"
  }
}
