package import Events
import Expressions
import Machine

// Output about selections and derived features.

extension Console {
  /// Prints the events of each process that are left after each term of the selection, four processes side by side; then how many are
  /// left in all.
  package func printCutflow(_ header: EventStore.Header) {
    guard let cutflow = header.cutflow else { return }
    let width = min(36, max(12, (cutflow.terms.map(\.columns).max() ?? 0) + 2))
    let processes = Array(zip(header.processes, cutflow.processes))
    for first in stride(from: 0, to: processes.count, by: 4) {
      let part = processes[first..<min(first + 4, processes.count)]
      print()
      print(
        padded("selection", width)
          + part.map { aligned($0.0.name.abridged(toColumns: 14), 16) }.joined())
      printPassing("all", from: 0, part, width)
      for (index, term) in cutflow.terms.enumerated() {
        printPassing(term.abridged(toColumns: width - 2), from: index + 1, part, width)
      }
    }
    let all = cutflow.processes.joined().reduce(0) { $0 + $1.events }
    let selected = cutflow.processes.reduce(0) { $0 + ($1.last?.events ?? 0) }
    print("Selected: \(grouped(selected)) of \(grouped(all)) event\(all == 1 ? "" : "s")")
  }

  /// Prints the number and weight of the events that pass the first `passed` terms.
  private func printPassing(
    _ title: String, from passed: Int, _ part: ArraySlice<(EventStore.Header.Process, [SelectedEvents])>, _ width: Int
  ) {
    print(
      padded(title, width)
        + part.map { aligned(grouped($0.1[passed...].reduce(0) { $0 + $1.events }), 16) }.joined())
    guard part.contains(where: { $0.0.yield != nil }) else { return }
    print(
      padded("  Σw", width)
        + part.map { aligned(significant($0.1[passed...].reduce(0) { $0 + $1.weight }), 16) }.joined())
  }
}

extension Preprocessing {
  /// One line for the selection, for the missing values, and for each computed feature.
  package var lines: [String] {
    var lines: [String] = []
    if let selection { lines.append("Selection: \(selection)") }
    if let missing {
      let values =
        missing.values.map { Int(exactly: $0).map(String.init) ?? "\($0)" } + (missing.allowsNaN ? ["nan"] : [])
      let fill =
        switch missing.fill {
        case .median: "the median of the feature"
        case .mean: "the mean of the feature"
        case .constant(let value): "\(value)"
        }
      lines.append("Missing: \(values.joined(separator: ", ")), replaced by \(fill)")
    }
    for sum in definitions where !features.contains(where: { $0.name == sum.name }) {
      lines.append("Object: \(sum.name) = \(sum.text)")
    }
    let texts = Dictionary(definitions.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
    let computed = features.filter {
      $0.expression != Definitions.spelled($0.name) || texts[$0.name] != nil || !$0.transforms.isEmpty
    }
    let names = computed.map(\.name) + (missing?.flags ?? []).map { $0 + "_missing" }
    let width = min(30, (names.map(\.columns).max() ?? 0) + 2)
    for feature in computed {
      let expression = texts[feature.name] ?? feature.expression
      let steps = feature.transforms.map { ", \($0)" }.joined()
      lines.append("Feature: \(padded(feature.name, width))\(expression)\(steps)")
    }
    for flag in missing?.flags ?? [] {
      lines.append("Feature: \(padded(flag + "_missing", width))1 where \(flag) is missing, else 0")
    }
    return lines.map(\.onOneLine)
  }
}
