package import Events
package import Expressions
import Machine

// The keys of `data` for preprocessing: missing, selection, derived, transform.

extension RunFile {
  /// The preprocessing of columns, as written in the run file.
  package struct PreprocessingKeys: Equatable, Sendable, Codable {
    /// Values that mean "missing". Default: none.
    package var missing: Missing?
    /// A condition that events must pass. Default: none.
    package var selection: String?
    /// Variables computed from columns. Default: none.
    package var derived: Derived?
    /// The transforms of features, by name. Default: none.
    package var transform: [Transform]
    /// The object whose φ is subtracted from the φ of all others. Default: none.
    package var rotate: String?

    package struct Missing: Equatable, Sendable, Codable {
      package var values: [Double]
      /// Whether `values` contains nan.
      package var allowsNaN: Bool
      /// Default: the median.
      package var fill: MissingValues.Fill
      package var flag: Flags

      /// The features that get an extra input, which says whether they are missing.
      package enum Flags: Equatable, Sendable, Codable {
        case nothing
        /// All of `data.features`.
        case everything
        case of([String])
      }
    }

    package struct Derived: Equatable, Sendable, Codable {
      /// Objects that the column names do not define.
      package var objects: [EventObject]
      package var standard: Standard
      package var features: [Definitions.Definition]

      /// The objects for which the standard variables are computed.
      package enum Standard: Equatable, Sendable, Codable {
        case nothing, everything
        case of([String])
      }
    }

    package struct Transform: Equatable, Sendable, Codable {
      /// The name of a feature, or a pattern in which `*` matches any text.
      package var feature: String
      package var steps: [FeatureTransform]
    }

    /// The transforms of a feature: those given for its exact name, else for the first matching pattern.
    func steps(of feature: String) -> [FeatureTransform] {
      let found =
        transform.first { $0.feature == feature } ?? transform.first { feature.matches(pattern: $0.feature) }
      return found?.steps ?? []
    }

    /// Whether no key is set.
    var isEmpty: Bool {
      missing == nil && selection == nil && derived == nil && transform.isEmpty && rotate == nil
    }
  }
}

extension RunFile.PreprocessingKeys {
  /// The keys are those of `data`.
  init(_ section: RunFileSection) {
    missing = section["missing"].flatMap { $0.isNull ? nil : $0.missing() }
    selection = section["selection"].flatMap { $0.isNull ? nil : $0.text() }
    derived = section["derived"].flatMap { $0.isNull ? nil : $0.section(Derived.init(_:)) }
    (transform, rotate) = ([], nil)
    guard let value = section["transform"], !value.isNull else { return }
    let entries = value.entries("{lep_pt: log, lep_phi: sincos}") { name, value -> Transform? in
      if name == "rotate" { return value.text().map { Transform(feature: $0, steps: []) } }
      let steps = value.isList ? value.list { $0.featureTransform() } : value.featureTransform().map { [$0] }
      if let steps, let early = steps.dropLast().first(where: \.isLast) {
        return value.wrong("a list with \(early.name) at its end")
      }
      return steps.map { Transform(feature: name, steps: $0) }
    }
    // Only `rotate` has no steps.
    for entry in entries ?? [] {
      if entry.steps.isEmpty { rotate = entry.feature } else { transform.append(entry) }
    }
  }
}

extension RunFile.PreprocessingKeys.Derived {
  fileprivate init(_ section: RunFileSection) {
    objects =
      section["objects"].flatMap { value in
        value.isNull ? nil : value.entries("{met: {pt: met_pt, phi: met_phi}}") { name, value in value.object(name) }
      } ?? []
    standard = section["standard"]?.standard() ?? .nothing
    features =
      section["features"].flatMap { value in
        value.isNull
          ? nil
          : value.entries("{m_bb: \"mass(jet1, jet2)\"}") { name, value in
            value.text().map { Definitions.Definition(name: name, text: $0) }
          }
      } ?? []
  }
}

extension RunFileValue {
  fileprivate func missing() -> RunFile.PreprocessingKeys.Missing? {
    if isList {
      return missingValues().map { .init(values: $0.values, allowsNaN: $0.allowsNaN, fill: .median, flag: .nothing) }
    }
    return section { section -> RunFile.PreprocessingKeys.Missing in
      let values =
        section["values"].map { $0.missingValues() } ?? section.missing("values", example: "[-999, nan]", nil)
      return .init(
        values: values?.values ?? [], allowsNaN: values?.allowsNaN ?? false, fill: section["fill"]?.fill() ?? .median,
        flag: section["flag"]?.flags() ?? .nothing)
    }
  }

  private func missingValues() -> (values: [Double], allowsNaN: Bool)? {
    guard let list = list({ $0.isNaN ? Double.nan : $0.number(.any) }) else { return nil }
    return (list.filter { !$0.isNaN }, list.contains(where: \.isNaN))
  }

  private func fill() -> MissingValues.Fill? {
    if isNumberLike { return number(.any).map { .constant($0) } }
    return variant(["median": .median, "mean": .mean], [:], expected: "median, mean or a number")
  }

  private func flags() -> RunFile.PreprocessingKeys.Missing.Flags? {
    if isList { return list { $0.text() }.map { .of($0) } }
    return boolean().map { $0 ? .everything : .nothing }
  }

  fileprivate func standard() -> RunFile.PreprocessingKeys.Derived.Standard? {
    if isList {
      var others = Set<String>()
      return list { $0.text(unlike: &others) }.map { .of($0) }
    }
    return boolean().map { $0 ? .everything : .nothing }
  }

  fileprivate func object(_ name: String) -> EventObject? {
    section { section in
      EventObject(
        name: name, pt: section["pt"]?.text() ?? section.missing("pt", example: "met_pt", ""),
        eta: section["eta"].flatMap { $0.isNull ? nil : $0.text() },
        phi: section["phi"]?.text() ?? section.missing("phi", example: "met_phi", ""),
        mass: section["mass"].flatMap { $0.isNull ? nil : $0.mass() })
    }
  }

  private func mass() -> EventObject.Mass? {
    isNumberLike ? number(.atLeast(0)).map { .constant($0) } : text().map { .column($0) }
  }

  fileprivate func featureTransform() -> FeatureTransform? {
    let expected =
      "log, log1p, sqrt, abs, sincos, {clip: [0, 1000]}, {offset: 20180000, scale: 0.01}, {quantile: uniform} or "
      + "{quantile: normal}"
    guard isSection else {
      return variant(
        ["log": .log, "log1p": .log1p, "sqrt": .sqrt, "abs": .abs, "sincos": .sincos], [:], expected: expected)
    }
    return section { section -> FeatureTransform in
      let isAffine = section.has("offset") || section.has("scale")
      if [section.has("clip"), isAffine, section.has("quantile")].count(where: { $0 }) > 1 {
        section.report(
          section.has("clip") ? "clip" : "quantile",
          "is combined with other transforms in one section; write a list of transforms, in the order to apply them")
      }
      if section.has("quantile") {
        let distribution: Distribution? = section["quantile"]?.choice()
        return .quantile(isNormal: distribution == .normal)
      }
      if section.has("clip") {
        let limits = section["clip"]?.limits()
        return .clip(limits?.0 ?? 0, limits?.1 ?? 1)
      }
      let offset = section.has("offset") ? section["offset"]?.number(.any) : nil
      let scale = section.has("scale") ? section["scale"]?.number(.any) : nil
      if !isAffine { section.report("offset", "is missing; give one of \(expected)") }
      if scale == 0 { section.report("scale", "is 0, which would make the feature constant; give another number") }
      return .affine(offset: offset ?? 0, scale: scale ?? 1)
    }
  }

  private enum Distribution: String, CaseIterable { case uniform, normal }

  private func limits() -> (Double, Double)? {
    guard let limits = list({ $0.number(.any) }) else { return nil }
    guard limits.count == 2, limits[0] < limits[1] else { return wrong("two numbers, the lower one first") }
    return (limits[0], limits[1])
  }
}

extension FeatureTransform {
  fileprivate var name: String { if case .sincos = self { "sincos" } else { "quantile" } }
}

extension RunFile.DataSection {
  /// The objects defined by column names or by the run file, those from data.features first.
  private var objects: [EventObject] {
    let given = preprocessingKeys.derived?.objects ?? []
    let names = Set(given.map(\.name))
    let all = features + columns.filter { !features.contains($0) }
    return EventObject.objects(in: all).filter { !names.contains($0.name) } + given
  }

  /// The preprocessing; nil if the features are columns without any.
  package var preprocessing: Preprocessing? {
    let keys = preprocessingKeys
    guard !keys.isEmpty else { return nil }
    let objects = objects
    let rotation = keys.rotate.flatMap { name in objects.first { $0.name == name } }
    let angles = Set(objects.map(\.phi))
    func feature(_ name: String, _ expression: String) -> Preprocessing.Feature {
      Preprocessing.Feature(
        name: name, expression: expression, transforms: keys.steps(of: name))
    }
    var made = features.filter { $0 != rotation?.phi }.map { name in
      if let rotation, angles.contains(name) {
        return feature(name, "angle(\(Definitions.spelled(name)), \(Definitions.spelled(rotation.phi)))")
      }
      return feature(name, Definitions.spelled(name))
    }
    let definitions = definitions
    made += definitions.map { feature($0.name, Definitions.spelled($0.name)) }
    let missing = keys.missing.map { missing in
      MissingValues(
        values: missing.values, allowsNaN: missing.allowsNaN, fill: missing.fill,
        flags: {
          switch missing.flag {
          case .nothing: []
          case .everything: features.filter { $0 != rotation?.phi }
          case .of(let names): names
          }
        }())
    }
    return Preprocessing(
      features: made, objects: objects, definitions: definitions, missing: missing, selection: keys.selection)
  }

  /// The derived features: the standard ones, then those with an expression.
  private var definitions: [Definitions.Definition] {
    guard let derived = preprocessingKeys.derived else { return [] }
    let objects = objects
    let ofFeatures = objects.filter { object in
      object.columns.allSatisfy { features.contains($0) } || derived.objects.contains { $0.name == object.name }
    }
    return switch derived.standard {
    case .nothing: derived.features
    case .everything: Definitions.standard(ofFeatures) + derived.features
    case .of(let names):
      Definitions.standard(names.compactMap { name in objects.first { $0.name == name } }) + derived.features
    }
  }

  /// The names of the network's inputs.
  package var inputNames: [String] { preprocessing?.inputNames ?? features }

  /// Reports errors in the combination of keys.
  func checkPreprocessing(_ section: RunFileSection) {
    if inputNames.isEmpty, section.has("features") {
      // With derived variables, data.features may be empty.
      section.report(
        "features",
        "is an empty list; give "
          + (preprocessingKeys.derived == nil ? "" : "at least one feature in data.derived, or here ")
          + "a list of one or more names, such as [a, b]")
    }
    guard let preprocessing else { return }
    let keys = preprocessingKeys
    let names = objects.map(\.name)
    func requireObject(_ name: String, _ key: String) {
      guard !names.contains(name) else { return }
      let near = nearest(to: name, in: names).map { "did you mean \($0.quoted)? " } ?? ""
      section.report(
        key,
        "names \(name.quoted), which is not an object; \(near)an object is the common prefix of columns …_pt, …_eta, …_phi in "
          + "data.features or data.columns, or an entry of data.derived.objects (known: \(names.joined(separator: ", ")))"
      )
    }
    if case .of(let wanted) = keys.derived?.standard { for name in wanted { requireObject(name, "derived") } }
    if let rotate = keys.rotate { requireObject(rotate, "transform") }
    var seen = Set(features)
    for definition in preprocessing.definitions where !seen.insert(definition.name).inserted {
      section.report("derived", "defines \(definition.name.quoted), which already exists; give it another name")
    }
    let known = preprocessing.features.map(\.name)
    for name in keys.transform.map(\.feature) where !known.contains(where: { $0.matches(pattern: name) }) {
      let near =
        nearest(to: name, in: known).map { "did you mean \($0.quoted)?" }
        ?? "features: \(known.joined(separator: ", "))"
      section.report("transform", "names \(name.quoted), which is not a feature; \(near)")
    }
    if case .of(let flags) = keys.missing?.flag {
      for name in flags where !known.contains(name) {
        section.report("missing", "has flag: \(name.quoted), which is not a feature; name one of data.features")
      }
    }
    var inputs = Set<String>()
    for name in preprocessing.inputNames where !inputs.insert(name).inserted {
      section.report("transform", "gives two inputs the name \(name.quoted); rename one of the features")
    }
    if case .constant(let fill) = preprocessing.missing?.fill {
      do throws(DefinitionError) { _ = try preprocessing.transformed(preprocessing.features.map { _ in fill }) } catch {
        section.report(
          "missing",
          "has fill: \(fill), for which the transforms of \(error.name.quoted) are undefined (\(error.error.what)); give median, mean "
            + "or another number")
      }
    }
    do throws(DefinitionError) { _ = try preprocessing.columns() } catch {
      let isDerived = preprocessing.definitions.contains { $0.name == error.name }
      let key =
        error.name == Definitions.selectionName && !isDerived ? "selection" : isDerived ? "derived" : "transform"
      section.report(key, (key == "selection" ? "" : "for \(error.name.quoted) ") + "has an error at \(error.error)")
    }
  }
}

extension RunFile.PreprocessingKeys {
  /// The lines as part of `data`.
  var yaml: String {
    let steps =
      transform.map { transform in
        let steps = transform.steps.map(\.yaml)
        return "\(transform.feature.yaml): \(steps.count == 1 ? steps[0] : "[\(steps.joined(separator: ", "))]")"
      } + (rotate.map { ["rotate: \($0.yaml)"] } ?? [])
    return """
        missing: \(missing?.yaml ?? "null")
        selection: \(selection?.yaml ?? "null")
        derived: \(derived?.yaml ?? "null")
        transform: \(steps.isEmpty ? "null" : "{\(steps.joined(separator: ", "))}")
      """
  }
}

extension RunFile.PreprocessingKeys.Missing {
  fileprivate var yaml: String {
    let values = self.values.map(\.yaml) + (allowsNaN ? ["nan"] : [])
    let fill =
      switch fill {
      case .median: "median"
      case .mean: "mean"
      case .constant(let value): value.yaml
      }
    let flag =
      switch flag {
      case .nothing: "false"
      case .everything: "true"
      case .of(let names): names.yaml
      }
    return "{values: [\(values.joined(separator: ", "))], fill: \(fill), flag: \(flag)}"
  }
}

extension RunFile.PreprocessingKeys.Derived {
  fileprivate var yaml: String {
    let standard =
      switch standard {
      case .nothing: "false"
      case .everything: "true"
      case .of(let names): names.yaml
      }
    var parts = ["standard: \(standard)"]
    if !objects.isEmpty {
      parts.insert("objects: {\(objects.map { "\($0.name.yaml): \($0.yaml)" }.joined(separator: ", "))}", at: 0)
    }
    if !features.isEmpty {
      parts.append("features: {\(features.map { "\($0.name.yaml): \($0.text.yaml)" }.joined(separator: ", "))}")
    }
    return "{\(parts.joined(separator: ", "))}"
  }
}

extension EventObject {
  fileprivate var yaml: String {
    var parts = ["pt: \(pt.yaml)"]
    if let eta { parts.append("eta: \(eta.yaml)") }
    parts.append("phi: \(phi.yaml)")
    switch mass {
    case nil: break
    case .constant(let mass): parts.append("mass: \(mass.yaml)")
    case .column(let mass): parts.append("mass: \(mass.yaml)")
    }
    return "{\(parts.joined(separator: ", "))}"
  }
}

extension FeatureTransform {
  fileprivate var yaml: String {
    switch self {
    case .log: "log"
    case .log1p: "log1p"
    case .sqrt: "sqrt"
    case .abs: "abs"
    case .sincos: "sincos"
    case .clip(let least, let most): "{clip: [\(least.yaml), \(most.yaml)]}"
    case .affine(let offset, let scale): "{offset: \(offset.yaml), scale: \(scale.yaml)}"
    case .quantile(let isNormal): "{quantile: \(isNormal ? "normal" : "uniform")}"
    }
  }
}
