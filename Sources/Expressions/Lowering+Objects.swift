import Machine

// Objects, and what is made of them.

extension Lowering {
  /// Makes sure that a definition is an object, or a sum of objects.
  mutating func requireObject(_ name: String) throws(DefinitionError) {
    guard let syntax = definitions[name], let text = texts[name] else { return }
    self.text = text
    do throws(ExpressionError) { _ = try parts(syntax) } catch {
      throw DefinitionError(name: open.last ?? name, error: error)
    }
  }

  /// The objects that an expression adds up.
  mutating func parts(_ syntax: Syntax) throws(ExpressionError) -> [EventObject] {
    switch syntax.kind {
    case .name(let name):
      if let object = objects[name] { return [object] }
      guard definitions[name] != nil else { throw unknownObject(name, syntax) }
      guard case .object(let parts) = try definition(name, from: origin(syntax)) else {
        throw error(
          syntax, "\(name.spelled) is a number where an object is needed", "define an object in data.derived.objects")
      }
      return parts
    default:
      guard case .object(let parts) = try value(syntax) else {
        throw error(
          syntax, "a number where an object is needed", "name an object or a sum of objects, such as jet1 + jet2")
      }
      return parts
    }
  }

  private func unknownObject(_ name: String, _ syntax: Syntax) -> ExpressionError {
    let near = nearest(to: name, in: objectNames).map { "did you mean \($0.spelled)? " } ?? ""
    let known =
      objectNames.isEmpty
      ? "there are none"
      : "known: \(objectNames.prefix(30).joined(separator: ", "))\(objectNames.count > 30 ? ", …" : "")"
    return error(
      syntax, "there is no object \(name.spelled)",
      "\(near)an object is the common prefix of columns …_pt, …_eta, …_phi in data.features or data.columns, or an entry of "
        + "data.derived.objects (\(known))")
  }

  /// A kinematic quantity of objects, each of which may be a sum.
  mutating func kinematics(
    _ quantity: Function.Kinematics, _ sums: [[EventObject]], _ place: Graph.Origin
  ) throws(ExpressionError) -> Int {
    var kinematics = KinematicNodes(graph: graph, place: place)
    // There is only one element left, which is changed in place.
    graph = Graph()
    defer { graph = kinematics.graph }
    return try kinematics.quantity(quantity, sums)
  }
}
