import KernelOperands

/// Kinematic quantities as operations on columns, in forms without cancellation.
///
/// With pt, η, φ and m of each object, and s² = sinh²(Δη/2) + sin²(Δφ/2) of a pair,
///
///     p₁·p₂ (three-momenta) = |p₁||p₂| − 2 pt₁ pt₂ s²
///     E₁E₂ − |p₁||p₂|       = (m₁²p₂² + m₂²p₁² + m₁²m₂²) / (E₁E₂ + |p₁||p₂|)
///     m²(1 + 2 + …)         = Σ mᵢ² + 2 Σ_{i<j} (EᵢEⱼ − |pᵢ||pⱼ| + 2 ptᵢ ptⱼ s²ᵢⱼ)
///
/// so that all terms of an invariant mass are positive and it is accurate to a few units in the last place even for collinear objects,
/// for which E² − p² loses all digits. Likewise for the sum of two transverse momenta: (pt₁ − pt₂)² + 4 pt₁ pt₂ cos²(Δφ/2).
struct KinematicNodes {
  var graph: Graph
  let place: Graph.Origin

  mutating func quantity(_ quantity: Function.Kinematics, _ sums: [[EventObject]]) throws(ExpressionError) -> Int {
    let all = Array(sums.joined())
    switch quantity {
    case .dR:
      let (eta, phi) = (try deltaEta(sums[0], sums[1]), try deltaPhi(sums[0], sums[1]))
      return try squareRoot(sum(square(eta), square(phi)))
    case .deta: return try deltaEta(sums[0], sums[1])
    case .dphi: return try deltaPhi(sums[0], sums[1])
    case .mT: return try transverseMass(sums[0], sums[1])
    case .mass: return try mass(all)
    case .pt: return try pt(all)
    case .eta: return try eta(all)
    case .phi: return try phi(all)
    case .px: return try total(all) { nodes, object throws(ExpressionError) in try nodes.px(object) }
    case .py: return try total(all) { nodes, object throws(ExpressionError) in try nodes.py(object) }
    case .pz: return try total(all) { nodes, object throws(ExpressionError) in try nodes.pz(object) }
    case .energy: return try total(all) { nodes, object throws(ExpressionError) in try nodes.energy(object) }
    case .ht:
      var result = try pt(sums[0])
      for sum in sums.dropFirst() { result = try self.sum(result, pt(sum)) }
      return result
    }
  }

  // MARK: One object

  private mutating func column(_ name: String) -> Int { graph.column(name, place) }
  private mutating func constant(_ value: Double) -> Int { graph.constant(value, place) }
  private mutating func apply(_ operation: ColumnOperation, _ operands: Int...) throws(ExpressionError) -> Int {
    try graph.apply(operation, operands, place)
  }
  private mutating func sum(_ a: Int, _ b: Int) throws(ExpressionError) -> Int { try apply(.sum, a, b) }
  private mutating func product(_ a: Int, _ b: Int) throws(ExpressionError) -> Int { try apply(.product, a, b) }
  private mutating func square(_ a: Int) throws(ExpressionError) -> Int { try apply(.product, a, a) }
  private mutating func squareRoot(_ a: Int) throws(ExpressionError) -> Int { try apply(.squareRoot, a) }
  private mutating func half(_ a: Int) throws(ExpressionError) -> Int { try product(constant(0.5), a) }

  private mutating func etaColumn(_ object: EventObject) throws(ExpressionError) -> Int {
    guard let eta = object.eta else {
      throw ExpressionError(
        text: place.text, range: place.range, what: "\(object.name) has no pseudorapidity",
        advice: "with pt and phi alone, use dphi, mT, pt, phi, px, py or ht; or give its eta in "
          + "data.derived.objects")
    }
    return column(eta)
  }

  /// nil: massless.
  private mutating func massNode(_ object: EventObject) -> Int? {
    switch object.mass {
    case nil, .constant(0): nil
    case .constant(let mass): constant(mass)
    case .column(let mass): column(mass)
    }
  }

  private mutating func px(_ object: EventObject) throws(ExpressionError) -> Int {
    try product(column(object.pt), apply(.cosine, column(object.phi)))
  }

  private mutating func py(_ object: EventObject) throws(ExpressionError) -> Int {
    try product(column(object.pt), apply(.sine, column(object.phi)))
  }

  private mutating func pz(_ object: EventObject) throws(ExpressionError) -> Int {
    try product(column(object.pt), apply(.hyperbolicSine, etaColumn(object)))
  }

  /// |p|
  private mutating func momentum(_ object: EventObject) throws(ExpressionError) -> Int {
    try product(column(object.pt), apply(.hyperbolicCosine, etaColumn(object)))
  }

  private mutating func energy(_ object: EventObject) throws(ExpressionError) -> Int {
    let momentum = try momentum(object)
    guard let mass = massNode(object) else { return momentum }
    return try squareRoot(sum(square(momentum), square(mass)))
  }

  private mutating func total(
    _ objects: [EventObject], _ part: (inout KinematicNodes, EventObject) throws(ExpressionError) -> Int
  ) throws(ExpressionError) -> Int {
    var result = try part(&self, objects[0])
    for object in objects.dropFirst() { result = try sum(result, part(&self, object)) }
    return result
  }

  // MARK: Sums of objects

  private mutating func pt(_ objects: [EventObject]) throws(ExpressionError) -> Int {
    if objects.count == 1 { return column(objects[0].pt) }
    if objects.count == 2 {
      let (first, second) = (column(objects[0].pt), column(objects[1].pt))
      let cosine = try apply(.cosine, half(apply(.angle, column(objects[0].phi), column(objects[1].phi))))
      let product4 = try product(constant(4), product(first, second))
      return try squareRoot(
        sum(square(apply(.difference, first, second)), product(product4, square(cosine))))
    }
    let x = try total(objects) { nodes, object throws(ExpressionError) in try nodes.px(object) }
    let y = try total(objects) { nodes, object throws(ExpressionError) in try nodes.py(object) }
    return try squareRoot(sum(square(x), square(y)))
  }

  private mutating func eta(_ objects: [EventObject]) throws(ExpressionError) -> Int {
    if objects.count == 1 { return try etaColumn(objects[0]) }
    let z = try total(objects) { nodes, object throws(ExpressionError) in try nodes.pz(object) }
    return try apply(.inverseHyperbolicSine, apply(.quotient, z, pt(objects)))
  }

  private mutating func phi(_ objects: [EventObject]) throws(ExpressionError) -> Int {
    if objects.count == 1 { return column(objects[0].phi) }
    let x = try total(objects) { nodes, object throws(ExpressionError) in try nodes.px(object) }
    let y = try total(objects) { nodes, object throws(ExpressionError) in try nodes.py(object) }
    return try apply(.arcTangent, y, x)
  }

  private mutating func deltaEta(_ a: [EventObject], _ b: [EventObject]) throws(ExpressionError) -> Int {
    try apply(.difference, eta(a), eta(b))
  }

  private mutating func deltaPhi(_ a: [EventObject], _ b: [EventObject]) throws(ExpressionError) -> Int {
    try apply(.angle, phi(a), phi(b))
  }

  /// For massless objects, such as a lepton and the missing transverse momentum: √(2 pt₁ pt₂ (1 − cos Δφ)) = √(4 pt₁ pt₂ sin²(Δφ/2)).
  private mutating func transverseMass(_ a: [EventObject], _ b: [EventObject]) throws(ExpressionError) -> Int {
    let sine = try apply(.sine, half(apply(.angle, phi(a), phi(b))))
    return try squareRoot(product(product(constant(4), product(pt(a), pt(b))), square(sine)))
  }

  private mutating func mass(_ objects: [EventObject]) throws(ExpressionError) -> Int {
    if objects.count == 1 {
      _ = try etaColumn(objects[0])
      return massNode(objects[0]) ?? constant(0)
    }
    var result: Int?
    func add(_ term: Int) throws(ExpressionError) {
      result = try result.map { sum throws(ExpressionError) in try self.sum(sum, term) } ?? term
    }
    for object in objects { if let mass = massNode(object) { try add(square(mass)) } }
    for second in 1..<objects.count {
      for first in 0..<second { try add(pairTerm(objects[first], objects[second])) }
    }
    return try squareRoot(result ?? 0)
  }

  /// 2 (E₁E₂ − p₁·p₂) of two objects.
  private mutating func pairTerm(_ a: EventObject, _ b: EventObject) throws(ExpressionError) -> Int {
    let sinh = try apply(.hyperbolicSine, half(apply(.difference, etaColumn(a), etaColumn(b))))
    let sine = try apply(.sine, half(apply(.angle, column(a.phi), column(b.phi))))
    let massless = try product(
      product(constant(4), product(column(a.pt), column(b.pt))), sum(square(sinh), square(sine)))
    let (mass1, mass2) = (massNode(a), massNode(b))
    guard mass1 != nil || mass2 != nil else { return massless }
    let (p1, p2) = (try momentum(a), try momentum(b))
    let denominator = try sum(product(energy(a), energy(b)), product(p1, p2))
    var numerator: Int?
    if let mass1 { numerator = try square(product(mass1, p2)) }
    if let mass2 {
      let term = try square(product(mass2, p1))
      numerator = try numerator.map { other throws(ExpressionError) in try sum(other, term) } ?? term
    }
    if let mass1, let mass2, let other = numerator { numerator = try sum(other, square(product(mass1, mass2))) }
    // Massless objects at rest have no energy.
    let hasEnergy = try apply(.less, constant(0), denominator)
    let excess = try apply(.choice, hasEnergy, apply(.quotient, numerator ?? 0, denominator), constant(0))
    return try sum(massless, product(constant(2), excess))
  }
}
