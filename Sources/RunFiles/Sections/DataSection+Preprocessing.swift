package import Events
import Expressions
import Machine

extension RunFile.DataSection {
  /// The objects defined by column names or by the run file, those from data.features first.
  var objects: [EventObject] {
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
      features: made, objects: objects, definitions: definitions + (keys.derived?.sums ?? []), missing: missing,
      selection: keys.selection)
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
}
