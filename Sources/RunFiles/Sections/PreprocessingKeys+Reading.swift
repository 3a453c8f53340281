import Events
import Expressions
import Machine

extension RunFile.PreprocessingKeys {
  /// The keys are those of `data`.
  init(_ section: RunFileSection) {
    missing = section["missing"].flatMap { $0.isNull ? nil : $0.missing() }
    selection = section["selection"].flatMap { $0.isNull ? nil : $0.text() }
    derived = section["derived"].flatMap { $0.isNull ? nil : $0.section(Derived.init(_:)) }
    (transform, rotate) = ([], nil)
    guard let value = section["transform"], !value.isNull else { return }
    let entries = value.entries("{lep_pt: log, lep_phi: sincos}") { name, value -> Transform? in
      // A feature may have the name of this key: the value shows which of the two is meant.
      if name == "rotate", !value.isTransform { return value.text().map { Transform(feature: $0, steps: []) } }
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
    let objects: [(object: EventObject?, sum: Definitions.Definition?)] =
      section["objects"].flatMap { value in
        value.isNull
          ? nil
          : value.entries("{met: {pt: met_pt, phi: met_phi}, hbb: jet1 + jet2}") { name, value in
            value.isSection
              ? value.object(name).map { ($0, nil) }
              : value.definition(name).map { (nil, $0) }
          }
      } ?? []
    (self.objects, sums) = (objects.compactMap(\.object), objects.compactMap(\.sum))
    standard = section["standard"]?.standard() ?? .nothing
    features =
      section["features"].flatMap { value in
        value.isNull
          ? nil
          : value.entries("{m_bb: \"mass(jet1, jet2)\"}") { name, value in value.definition(name) }
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

  /// The expression that `name` stands for.
  fileprivate func definition(_ name: String) -> Definitions.Definition? {
    if isNull, name.contains(")") {
      return wrong(
        "expressions with commas in quotes, as in {m_bb: \"mass(jet1, jet2)\"}: between { and } a comma starts another entry"
      )
    }
    return text().map { Definitions.Definition(name: name, text: $0) }
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
}
