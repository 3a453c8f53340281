public import Expressions
import Synchronization

/// The steps from the columns of event files to the inputs of a network: selection, derived variables, fill values for missing ones,
/// transforms. The model stores it, so that `predict` repeats the same steps.
///
/// For every event, in double precision and rounded once to float32 at the end:
///
/// 1. a value in ``MissingValues/values`` becomes missing, and so does everything computed from it;
/// 2. the event is selected if ``selection`` is true;
/// 3. the expression of each feature is computed;
/// 4. if it is missing, it is replaced by its fill value;
/// 5. its transforms are applied in order.
public struct Preprocessing: Codable, Equatable, Sendable {
  /// A feature, which gives one or two inputs.
  public struct Feature: Codable, Equatable, Sendable {
    public var name: String
    /// An expression; in the simplest case the name of a column or definition.
    public var expression: String
    public var transforms: [FeatureTransform]

    public init(name: String, expression: String, transforms: [FeatureTransform] = []) {
      (self.name, self.expression, self.transforms) = (name, expression, transforms)
    }
  }

  public let features: [Feature]
  /// The objects and definitions that expressions can use besides columns.
  public let objects: [EventObject]
  public let definitions: [Definitions.Definition]
  public let missing: MissingValues?
  /// The condition that an event must pass; nil: all events are used.
  public let selection: String?
  private let compiled = CompiledColumns()

  private enum CodingKeys: CodingKey { case features, objects, definitions, missing, selection }

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

extension Preprocessing {
  public static func == (a: Preprocessing, b: Preprocessing) -> Bool {
    a.features == b.features && a.objects == b.objects && a.definitions == b.definitions && a.missing == b.missing
      && a.selection == b.selection
  }
}

/// The columns of a preprocessing, found once, as this compiles all of its expressions.
private final class CompiledColumns: Sendable {
  private let found = Mutex<Result<[String], DefinitionError>?>(nil)

  /// What `compile` gave when it was asked first.
  func columns(_ compile: () throws(DefinitionError) -> [String]) throws(DefinitionError) -> [String] {
    try found.withLock { found -> Result<[String], DefinitionError> in
      if let found { return found }
      let result: Result<[String], DefinitionError>
      do throws(DefinitionError) { result = .success(try compile()) } catch { result = .failure(error) }
      found = result
      return result
    }.get()
  }
}

/// Values that mean that something is missing.
public struct MissingValues: Codable, Equatable, Sendable {
  public enum Fill: Codable, Equatable, Sendable {
    /// Of the feature over the training events in which it is not missing.
    case median, mean
    /// In the unit of the feature before its transforms.
    case constant(Double)
  }

  /// Compared as float32 numbers.
  public var values: [Double]
  /// Whether NaN, an empty cell of a text file and a non-finite result of an expression also count as missing.
  public var allowsNaN: Bool
  public var fill: Fill
  /// The features that get an extra input: 1 if the feature is missing, else 0.
  public var flags: [String]

  public init(values: [Double], allowsNaN: Bool, fill: Fill, flags: [String]) {
    (self.values, self.allowsNaN, self.fill, self.flags) = (values, allowsNaN, fill, flags)
  }
}

/// A transform of a feature before standardisation.
public enum FeatureTransform: Codable, Equatable, Sendable {
  /// ln x, ln(1 + x), √x, |x|.
  case log, log1p, sqrt, abs
  /// Lower and upper limit.
  case clip(Double, Double)
  /// (x − offset) · scale.
  case affine(offset: Double, scale: Double)
  /// Two inputs: sin x and cos x. Must be the last transform, see ``isLast``.
  case sincos
  /// The fraction of the training events below x; with `isNormal`, the corresponding quantile of the standard normal distribution. Must be
  /// the last transform. See ``QuantileMap``.
  case quantile(isNormal: Bool)
}

extension FeatureTransform {
  /// Whether no other transform can follow.
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

/// The parameters of a preprocessing that are measured on training events.
public struct PreprocessingFit: Codable, Equatable, Sendable {
  /// The fill value of each feature; empty without missing values.
  public var fills: [Double]
  /// The quantiles of each feature with a quantile transform, after its earlier transforms; else empty.
  public var quantiles: [[Double]]

  public init(fills: [Double], quantiles: [[Double]]) { (self.fills, self.quantiles) = (fills, quantiles) }
}

/// A preprocessing with its fitted parameters.
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
    /// The expression of columns, with all transforms except the quantile map.
    var expression: String
    /// The index of its feature; nil for an input that flags missing values.
    var feature: Int?
    /// The index of the input that it flags.
    var flagged: Int?
    /// The target distribution of the quantile map; nil: none.
    var quantile: Distribution?
  }

  /// The inputs in the order of the features, followed by the flags for missing values.
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

  /// The definitions and objects used by the expressions.
  func scope() -> Definitions {
    let defined = Set(definitions.map(\.name))
    let columns = features.filter { !defined.contains($0.name) }.map(\.name) + objects.flatMap(\.columns)
    return Definitions(objects: objects, definitions: definitions, columns: columns)
  }

  /// Makes sure that these definitions are objects or sums of them.
  public func requireObjects(_ names: [String]) throws(DefinitionError) { try scope().requireObjects(names) }

  /// Adds the columns it needs to a request, after all other double-precision columns; features are then not read directly.
  package func complete(_ request: inout EventRequest) {
    if request.columns.isEmpty { request.columns = request.features }
    request.features = []
    request.takesFeatures = false
    request.allowsUnusable = selection != nil
    request.numbers += ((try? columns()) ?? []).map {
      NumberColumn($0, key: EventRequest.preprocessingKey, allowsNaN: missing?.allowsNaN ?? false)
    }
  }

  /// The columns that are read.
  /// - Throws: the first error in a definition of the run file.
  public func columns() throws(DefinitionError) -> [String] {
    try compiled.columns { () throws(DefinitionError) in
      try scope().program(
        for: inputs.map { Definitions.Definition(name: $0.name, text: $0.expression) }, selection: selection
      ).columns
    }
  }
}

extension FeatureTransform {
  /// The expression after the transform, for transforms that give one value and need no fit.
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
