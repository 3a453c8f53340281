import Expressions
import Machine

/// The expressions of a preprocessing whose medians, means and quantiles are measured on training events.
struct FitPlan: Sendable {
  private let preprocessing: Preprocessing
  /// The expressions.
  private(set) var outputs: [Definitions.Definition] = []
  /// For each feature, the indices of the expressions that give its fill value and its quantiles.
  private var fills: [Int?] = []
  private var quantiles: [Int?] = []

  /// The fit uses about this many events, evenly spread over all, so that it takes little time. With 65,536 events, the standard error of a
  /// median is 0.2 % of the events (scikit-learn's `QuantileTransformer` uses 10,000).
  static let mostEvents = 1 << 16

  /// If an expression has fewer values than this, all events are used.
  static let fewestValues = 1 << 13

  init(_ preprocessing: Preprocessing) {
    self.preprocessing = preprocessing
    let inputs = preprocessing.inputs
    for (number, feature) in preprocessing.features.enumerated() {
      switch preprocessing.missing?.fill {
      case .median, .mean:
        fills.append(outputs.count)
        outputs.append(.init(name: feature.name, text: feature.expression))
      case .constant, nil: fills.append(nil)
      }
      if let input = inputs.first(where: { $0.feature == number }), input.quantile != nil {
        quantiles.append(outputs.count)
        outputs.append(.init(name: feature.name, text: input.expression))
      } else {
        quantiles.append(nil)
      }
    }
  }

  /// The fit if it needs no events; nil if it does.
  var withoutEvents: PreprocessingFit? { outputs.isEmpty ? fit([]) : nil }

  /// The fit to values of the expressions: (expressions, events), NaN if missing.
  /// - Throws: an error for a feature without any value.
  func fit(to columns: [[Double]], hasSelection: Bool) throws(DataError) -> PreprocessingFit {
    guard columns.contains(where: { !$0.isEmpty }) else {
      throw hasSelection
        ? DataError(
          .badData, file: "data.selection", what: "no training event passes it", advice: "loosen it")
        : DataError(
          .badData, file: "split", what: "no process has a training event",
          advice: "raise split.train, or change split.by")
    }
    let sorted = concurrentMap(columns.count) { columns[$0].filter { !$0.isNaN }.sorted() }
    for (number, column) in sorted.enumerated() where column.isEmpty {
      throw DataError(
        .badData, file: "data.missing",
        what: "feature \(outputs[number].name.quoted) is missing in every training event",
        advice: "remove it, or check data.missing.values")
    }
    return fit(sorted)
  }

  private func fit(_ sorted: [[Double]]) -> PreprocessingFit {
    var fit = PreprocessingFit(
      fills: [], quantiles: quantiles.map { $0.map { QuantileMap.quantiles(of: sorted[$0]) } ?? [] })
    switch preprocessing.missing?.fill {
    case nil: break
    case .constant(let value): fit.fills = preprocessing.features.map { _ in value }
    case .median: fit.fills = fills.map { $0.map { Self.median(sorted[$0]) } ?? 0 }
    case .mean: fit.fills = fills.map { $0.map { sorted[$0].reduce(0, +) / Double(sorted[$0].count) } ?? 0 }
    }
    return fit
  }

  /// The median of values in ascending order: the middle one, or the mean of the two in the middle.
  private static func median(_ sorted: [Double]) -> Double {
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? 0.5 * (sorted[middle - 1] + sorted[middle]) : sorted[middle]
  }
}
