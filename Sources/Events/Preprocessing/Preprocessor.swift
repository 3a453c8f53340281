public import Expressions
import Machine

/// Computes the inputs of a network from the columns of event files.
public struct Preprocessor: Sendable {
  /// The names of the inputs, in their order.
  public let inputNames: [String]
  /// The columns it reads, in double precision.
  let columns: [String]
  /// The index of each of them among the columns of the preprocessing, and the number of the latter.
  let places: [Int]
  let columnsOfAll: Int
  /// The terms of the selection as written.
  public let terms: [String]

  let missing: MissingValues?
  let program: Program
  let maps: [QuantileMap?]
  /// The fill values of the inputs; empty if no input can be missing.
  private let fills: [Float]
  /// Inputs that flag missing values, and the inputs they flag.
  let flags: [(input: Int, of: Int)]

  /// With the inputs before anything that must be fitted to training events; used for the fit.
  init(unfitted preprocessing: Preprocessing, outputs: [Definitions.Definition]) throws(DefinitionError) {
    try self.init(preprocessing, outputs, maps: outputs.map { _ in nil }, fills: [], flags: [])
  }

  /// - Throws: an error in an expression, or a fill value for which a transform is undefined.
  public init(_ fitted: FittedPreprocessing) throws(DefinitionError) {
    let (preprocessing, fit) = (fitted.preprocessing, fitted.fit)
    let inputs = preprocessing.inputs
    let maps = inputs.map { input in
      input.quantile.flatMap { quantile in
        input.feature.map { QuantileMap(quantiles: fit.quantiles[$0], isNormal: quantile == .normal) }
      }
    }
    var fills: [Float] = []
    if !fit.fills.isEmpty {
      fills = zip(try preprocessing.transformed(fit.fills), maps).map { value, map in Float(map?(value) ?? value) }
    }
    try self.init(
      preprocessing, inputs.map { Definitions.Definition(name: $0.name, text: $0.expression) }, maps: maps,
      fills: fills,
      flags: inputs.enumerated().compactMap { number, input in input.flagged.map { (number, $0) } })
  }

  private init(
    _ preprocessing: Preprocessing, _ outputs: [Definitions.Definition], maps: [QuantileMap?], fills: [Float],
    flags: [(input: Int, of: Int)]
  ) throws(DefinitionError) {
    inputNames = outputs.map(\.name)
    program = try preprocessing.scope().program(for: outputs, selection: preprocessing.selection)
    columns = program.columns
    let all = try preprocessing.columns()
    columnsOfAll = all.count
    places = columns.compactMap { all.firstIndex(of: $0) }
    precondition(places.count == columns.count, "columns that only a part of a preprocessing needs")
    terms =
      try preprocessing.selection.map { text throws(DefinitionError) in
        try Definitions.terms(ofSelection: text)
      } ?? []
    missing = preprocessing.missing
    (self.maps, self.fills, self.flags) = (maps, fills, flags)
  }

  /// A preprocessor that only decides which events are selected.
  static func selector(_ preprocessing: Preprocessing) throws(DefinitionError) -> Preprocessor {
    try Preprocessor(unfitted: preprocessing, outputs: [])
  }

  /// Whether inputs may be missing.
  var hasMissing: Bool { missing != nil }

  /// Replaces missing inputs by their fill values.
  func fill(_ values: inout MutableSpan<Float>) {
    guard !fills.isEmpty else { return }
    for first in Swift.stride(from: 0, to: values.count - fills.count + 1, by: fills.count) {
      for input in fills.indices where values[first + input].isNaN { values[first + input] = fills[input] }
    }
  }
}

extension Preprocessing {
  /// The value of each input, without quantile maps, if the features have these values.
  /// - Throws: a value for which a transform is undefined.
  public func transformed(_ values: [Double]) throws(DefinitionError) -> [Double] {
    let constant = Preprocessing(
      features: zip(features, values).map { feature, value in
        Feature(name: feature.name, expression: value < 0 ? "(\(value))" : "\(value)", transforms: feature.transforms)
      }, missing: missing)
    let outputs = constant.inputs.map { Definitions.Definition(name: $0.name, text: $0.expression) }
    let program = try Definitions(objects: [], definitions: []).program(for: outputs)
    var (scratch, results) = (program.scratch(), [Double](repeating: 0, count: outputs.count * Program.blockSize))
    var span = results.mutableSpan
    program.run(0..<1, of: [0.0].span, stride: 1, scratch: &scratch, results: &span)
    return outputs.indices.map { results[$0 * Program.blockSize] }
  }
}
