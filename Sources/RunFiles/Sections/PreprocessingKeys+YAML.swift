import Events
import Expressions

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
    let objects =
      objects.map { "\($0.name.yaml): \($0.yaml)" } + sums.map { "\($0.name.yaml): \($0.text.yaml)" }
    if !objects.isEmpty { parts.insert("objects: {\(objects.joined(separator: ", "))}", at: 0) }
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
