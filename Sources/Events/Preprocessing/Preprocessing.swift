public import Expressions

/// What is made of the columns of event files before a network sees them: cuts, derived variables, transforms, what stands in for
/// missing values. It travels in the model, so that `predict` does the same.
///
/// Of every event, in double precision and rounded once to float32 at the end:
///
/// 1. a value of ``MissingValues/values`` becomes missing, and whatever is computed from it;
/// 2. the event is selected if ``selection`` is true;
/// 3. the expression of each feature is computed;
/// 4. where it is missing, its fill value takes its place;
/// 5. its transforms are applied, one after the other.
public struct Preprocessing: Codable, Equatable, Sendable {
  /// A feature, of which an input is made, or two.
  public struct Feature: Codable, Equatable, Sendable {
    public var name: String
    /// An expression: a column or a definition by its name, or more.
    public var expression: String
    public var transforms: [FeatureTransform]

    public init(name: String, expression: String, transforms: [FeatureTransform] = []) {
      (self.name, self.expression, self.transforms) = (name, expression, transforms)
    }
  }

  public var features: [Feature]
  /// What expressions may name beside columns.
  public var objects: [EventObject]
  public var definitions: [Definitions.Definition]
  public var missing: MissingValues?
  /// The condition under which an event is used; nil: all are.
  public var selection: String?

  public init(
    features: [Feature], objects: [EventObject] = [], definitions: [Definitions.Definition] = [],
    missing: MissingValues? = nil, selection: String? = nil
  ) {
    self.features = features
    self.objects = objects
    self.definitions = definitions
    self.missing = missing
    self.selection = selection
  }
}

/// Values that stand for something that is not there.
public struct MissingValues: Codable, Equatable, Sendable {
  public enum Fill: Codable, Equatable, Sendable {
    /// Of the feature over the training events, those where it is missing left out.
    case median, mean
    /// In the unit of the feature, before its transforms.
    case constant(Double)
  }

  /// Equal as float32 numbers.
  public var values: [Double]
  /// Whether NaN, and an empty cell of a text, stands for a missing value too, and an expression without a finite value is missing.
  public var allowsNaN: Bool
  public var fill: Fill
  /// The features for which a further input says whether they are missing: 1 or 0.
  public var flags: [String]

  public init(values: [Double], allowsNaN: Bool, fill: Fill, flags: [String]) {
    (self.values, self.allowsNaN, self.fill, self.flags) = (values, allowsNaN, fill, flags)
  }
}

/// What is done to a feature before it is standardised.
public enum FeatureTransform: Codable, Equatable, Sendable {
  /// ln x, ln(1 + x), √x, |x|.
  case log, log1p, sqrt, abs
  /// The least and the greatest value.
  case clip(Double, Double)
  /// (x − offset) · scale.
  case affine(offset: Double, scale: Double)
  /// Two inputs: sin x and cos x. The last transform, see ``isLast``.
  case sincos
  /// The share of the training events below x, and with `isNormal` the number below which a standard normal distribution has that
  /// share. The last transform. See ``QuantileMap``.
  case quantile(isNormal: Bool)
}

extension FeatureTransform {
  /// Whether nothing can follow.
  public var isLast: Bool {
    switch self {
    case .sincos, .quantile: true
    default: false
    }
  }
}

extension FeatureTransform: CustomStringConvertible {
  public var description: String {
    switch self {
    case .log: "log"
    case .log1p: "log1p"
    case .sqrt: "sqrt"
    case .abs: "abs"
    case .clip(let least, let most): "clipped to [\(least), \(most)]"
    case .affine(let offset, let scale): "minus \(offset)" + (scale == 1 ? "" : ", times \(scale)")
    case .sincos: "sine and cosine"
    case .quantile(let isNormal): "mapped to a \(isNormal ? "normal" : "uniform") distribution by its quantiles"
    }
  }
}

/// What training events decide of a preprocessing.
public struct PreprocessingFit: Codable, Equatable, Sendable {
  /// For each feature, what stands in for a missing value; empty without missing values.
  public var fills: [Double]
  /// For each feature, its quantiles where it is transformed by them, after the transforms before that; else none.
  public var quantiles: [[Double]]

  public init(fills: [Double], quantiles: [[Double]]) { (self.fills, self.quantiles) = (fills, quantiles) }
}

/// A preprocessing with what the training events have decided of it.
public struct FittedPreprocessing: Codable, Equatable, Sendable {
  public var preprocessing: Preprocessing
  public var fit: PreprocessingFit

  public init(preprocessing: Preprocessing, fit: PreprocessingFit) {
    (self.preprocessing, self.fit) = (preprocessing, fit)
  }
}

extension Preprocessing {
  /// An input of the network.
  struct Input {
    enum Distribution { case uniform, normal }

    var name: String
    /// Of the columns: with all transforms but that of quantiles.
    var expression: String
    /// The number of the feature that it is made of; nil for one that says whether a feature is missing.
    var feature: Int?
    /// The number of the input that it says this of.
    var flagged: Int?
    /// What quantiles bring it to; nil: it is not transformed by them.
    var quantile: Distribution?
  }

  /// The inputs, in the order of the features; then those that say what is missing.
  var inputs: [Input] {
    var inputs: [Input] = []
    for (number, feature) in features.enumerated() {
      var (expressions, quantile) = ([("", feature.expression)], Input.Distribution?.none)
      for transform in feature.transforms {
        switch transform {
        case .sincos:
          expressions = expressions.flatMap { [("_sin", "sin(\($0.1))"), ("_cos", "cos(\($0.1))")] }
        case .quantile(let isNormal): quantile = isNormal ? .normal : .uniform
        default: expressions = expressions.map { ($0.0, transform.applied(to: $0.1)) }
        }
      }
      for (suffix, expression) in expressions {
        inputs.append(
          Input(name: feature.name + suffix, expression: expression, feature: number, quantile: quantile))
      }
    }
    for flag in missing?.flags ?? [] {
      guard let number = features.firstIndex(where: { $0.name == flag }),
        let flagged = inputs.firstIndex(where: { $0.feature == number })
      else { continue }
      inputs.append(Input(name: flag + "_missing", expression: "0", feature: nil, flagged: flagged, quantile: nil))
    }
    return inputs
  }

  /// The names of the network's inputs.
  public var inputNames: [String] { inputs.map(\.name) }

  /// What the expressions are made of.
  func scope() -> Definitions {
    let defined = Set(definitions.map(\.name))
    let columns = features.filter { !defined.contains($0.name) }.map(\.name) + objects.flatMap(\.columns)
    return Definitions(objects: objects, definitions: definitions, columns: columns)
  }

  /// Adds the columns that it needs to what is wanted of a file, behind all others that are wanted in double precision; features are
  /// not taken then.
  package func complete(_ request: inout EventRequest) {
    if request.columns.isEmpty { request.columns = request.features }
    request.features = []
    request.takesFeatures = false
    request.numbers += ((try? columns()) ?? []).map {
      NumberColumn($0, key: EventRequest.preprocessingKey, allowsNaN: missing?.allowsNaN ?? false)
    }
  }

  /// The columns that are read.
  /// - Throws: the first error in a definition, as the run file has it.
  public func columns() throws(DefinitionError) -> [String] {
    try scope().program(
      for: inputs.map { Definitions.Definition(name: $0.name, text: $0.expression) }, selection: selection
    ).columns
  }
}

extension FeatureTransform {
  /// The expression of the transformed value of an expression; for those that give one value and need no training events.
  fileprivate func applied(to expression: String) -> String {
    switch self {
    case .log: "log(\(expression))"
    case .log1p: "log1p(\(expression))"
    case .sqrt: "sqrt(\(expression))"
    case .abs: "abs(\(expression))"
    case .clip(let least, let most): "clip(\(expression), \(Self.literal(least)), \(Self.literal(most)))"
    case .affine(let offset, let scale):
      scale == 1
        ? "((\(expression)) - \(Self.literal(offset)))"
        : "((\(expression)) - \(Self.literal(offset))) * \(Self.literal(scale))"
    case .sincos, .quantile: expression
    }
  }

  private static func literal(_ value: Double) -> String { value < 0 ? "(\(value))" : "\(value)" }
}
