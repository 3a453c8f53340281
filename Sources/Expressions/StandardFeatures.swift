extension Definitions {
  /// The standard variables of an analysis: ΔR, |Δη|, |Δφ|, mass and pT of every pair, the mass of every triple and of all objects, and HT.
  /// If one object of a pair has no pseudorapidity (missing transverse momentum): |Δφ|, the transverse mass and the pT of the pair.
  ///
  /// They are named after functions and objects: `dR_lep_jet1`, `m_jet1_jet2`, `mT_lep_met`, `m_all`, `ht`. `ht` sums over all objects
  /// with a pseudorapidity.
  public static func standard(_ objects: [EventObject]) -> [Definition] {
    var features: [Definition] = []
    func add(_ name: String, _ objects: [EventObject], _ text: (String) -> String) {
      let arguments = objects.map(\.name.spelled).joined(separator: ", ")
      features.append(Definition(name: ([name] + objects.map(\.name)).joined(separator: "_"), text: text(arguments)))
    }
    let full = objects.filter { $0.eta != nil }
    for (first, a) in objects.enumerated() {
      for b in objects[(first + 1)...] {
        let pair = [a, b]
        if a.eta != nil, b.eta != nil {
          add("dR", pair) { "dR(\($0))" }
          add("deta", pair) { "abs(deta(\($0)))" }
          add("dphi", pair) { "abs(dphi(\($0)))" }
          add("m", pair) { "mass(\($0))" }
        } else {
          add("dphi", pair) { "abs(dphi(\($0)))" }
          add("mT", pair) { "mT(\($0))" }
        }
        add("pt", pair) { "pt(\($0))" }
      }
    }
    for first in full.indices {
      for second in full.indices.dropFirst(first + 1) {
        for third in full.indices.dropFirst(second + 1) {
          add("m", [full[first], full[second], full[third]]) { "mass(\($0))" }
        }
      }
    }
    // With three objects, the only triple is all of them.
    if full.count > 3 {
      features.append(
        Definition(name: "m_all", text: "mass(\(full.map(\.name.spelled).joined(separator: ", ")))"))
    }
    if full.count > 1 {
      features.append(Definition(name: "ht", text: "ht(\(full.map(\.name.spelled).joined(separator: ", ")))"))
    }
    return features
  }
}
