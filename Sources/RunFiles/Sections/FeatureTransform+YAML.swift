import Events

// A transform of a feature, read and written.

extension RunFileValue {
  private static let plainTransforms: KeyValuePairs<String, FeatureTransform> = [
    "log": .log, "log1p": .log1p, "sqrt": .sqrt, "abs": .abs, "sincos": .sincos,
  ]

  /// Whether this can only be a transform or a list of transforms, and no name.
  var isTransform: Bool { isSection || isList || Self.plainTransforms.contains { .some($0.key) == name } }

  func featureTransform() -> FeatureTransform? {
    let expected =
      "log, log1p, sqrt, abs, sincos, {clip: [0, 1000]}, {offset: 20180000, scale: 0.01}, {quantile: uniform} or "
      + "{quantile: normal}"
    guard isSection else {
      return variant(Self.plainTransforms, [:], expected: expected)
    }
    return section { section -> FeatureTransform in
      let isAffine = section.has("offset") || section.has("scale")
      if [section.has("clip"), isAffine, section.has("quantile")].count(where: { $0 }) > 1 {
        section.report(
          section.has("clip") ? "clip" : "quantile",
          "is combined with other transforms in one section; write a list of transforms, in the order to apply them")
        for key in ["clip", "offset", "scale", "quantile"] { _ = section[key] }  // None of them is unknown.
      }
      if section.has("quantile") {
        let distribution: Distribution? = section["quantile"]?.choice()
        return .quantile(isNormal: distribution == .normal)
      }
      if section.has("clip") {
        let limits = section["clip"]?.limits()
        return .clip(limits?.lower ?? 0, limits?.upper ?? 1)
      }
      let offset = section.has("offset") ? section["offset"]?.number(.any) : nil
      let scale = section.has("scale") ? section["scale"]?.number(.any) : nil
      if !isAffine { section.report("offset", "is missing; give one of \(expected)") }
      if scale == 0 { section.report("scale", "is 0, which would make the feature constant; give another number") }
      return .affine(offset: offset ?? 0, scale: scale ?? 1)
    }
  }

  private enum Distribution: String, CaseIterable { case uniform, normal }
}

extension FeatureTransform {
  var name: String { if case .sincos = self { "sincos" } else { "quantile" } }
}

extension FeatureTransform {
  var yaml: String {
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
