public import Expressions
import Machine

/// Computes the inputs of a network from the columns of event files.
public struct Preprocessor: Sendable {
  /// The names of the inputs, in their order.
  public let inputNames: [String]
  /// The columns that it needs, in double precision.
  let columns: [String]
  /// The number of each of them among those of the preprocessing, and how many these are.
  let places: [Int]
  let columnsOfAll: Int
  /// The terms of the selection, as they are written.
  public let terms: [String]

  let missing: MissingValues?
  let program: Program
  let maps: [QuantileMap?]
  /// What inputs have where they are missing; empty: none is.
  private let fills: [Float]
  /// Inputs that say whether another is missing, and which.
  let flags: [(input: Int, of: Int)]

  /// With the inputs as they are without what only training events decide: a first step to that.
  init(unfitted preprocessing: Preprocessing, outputs: [Definitions.Definition]) throws(DefinitionError) {
    try self.init(preprocessing, outputs, maps: outputs.map { _ in nil }, fills: [], flags: [])
  }

  /// - Throws: what is wrong with an expression, or with a fill value that a transform cannot take.
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

  /// One that finds out which events are selected, and computes nothing else.
  static func selector(_ preprocessing: Preprocessing) throws(DefinitionError) -> Preprocessor {
    try Preprocessor(unfitted: preprocessing, outputs: [])
  }

  /// Whether inputs may be missing.
  var hasMissing: Bool { missing != nil }

  /// Puts what stands for missing inputs into their places.
  func fill(_ values: inout MutableSpan<Float>) {
    guard !fills.isEmpty else { return }
    for first in Swift.stride(from: 0, to: values.count - fills.count + 1, by: fills.count) {
      for input in fills.indices where values[first + input].isNaN { values[first + input] = fills[input] }
    }
  }
}

extension Preprocessing {
  /// What each input has, but for quantiles, where the features have these values.
  /// - Throws: a value that a transform cannot take.
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
