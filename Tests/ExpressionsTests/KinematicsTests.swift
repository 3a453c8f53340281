import Expressions
import Foundation
import Numerics
import Testing
import TestSupport

/// Four-momenta in the widest numbers there are: an oracle by E² − p², where enough digits are left of it.
private struct Momentum {
  var x, y, z, energy: Wide
  init(pt: Double, eta: Double, phi: Double, mass: Double) {
    let (pt, eta, phi, mass) = (Wide(pt), Wide(eta), Wide(phi), Wide(mass))
    (x, y, z) = (pt * cos(phi), pt * sin(phi), pt * sinh(eta))
    energy = (x * x + y * y + z * z + mass * mass).squareRoot()
  }
  static func + (a: Momentum, b: Momentum) -> Momentum {
    var sum = a
    sum.x += b.x
    sum.y += b.y
    sum.z += b.z
    sum.energy += b.energy
    return sum
  }
  var pt: Wide { (x * x + y * y).squareRoot() }
  var mass: Wide { max(0, energy * energy - x * x - y * y - z * z).squareRoot() }
  var eta: Wide { asinh(z / pt) }
  var phi: Wide { atan2(y, x) }
}

@Suite struct KinematicsTests {
  let objects = EventObject.objects(in: [
    "a_pt", "a_eta", "a_phi", "b_pt", "b_eta", "b_phi", "b_mass", "c_pt", "c_eta", "c_phi", "met_pt", "met_phi",
  ])

  private func random(_ seed: UInt64, _ place: UInt64) -> Double {
    CounterRandom(seed: seed, stream: 7).uniform(place)
  }

  /// Columns of events with objects anywhere in the detector.
  private func columns(_ count: Int) -> [String: [Double]] {
    var columns: [String: [Double]] = [:]
    for (number, object) in ["a", "b", "c", "met"].enumerated() {
      let seed = UInt64(number)
      columns[object + "_pt"] = (0..<count).map { 5 + 200 * random(seed, UInt64($0)) }
      columns[object + "_eta"] = (0..<count).map { -5 + 10 * random(seed + 10, UInt64($0)) }
      columns[object + "_phi"] = (0..<count).map { .pi * (2 * random(seed + 20, UInt64($0)) - 1) }
      columns[object + "_mass"] = (0..<count).map { 20 * random(seed + 30, UInt64($0)) }
    }
    return columns
  }

  private func momentum(_ name: String, _ columns: [String: [Double]], _ event: Int, hasMass: Bool = false) -> Momentum
  {
    func column(_ suffix: String) -> Double { columns[name + suffix]?[event] ?? 0 }
    return Momentum(pt: column("_pt"), eta: column("_eta"), phi: column("_phi"), mass: hasMass ? column("_mass") : 0)
  }

  @Test func quantitiesAreThoseOfFourMomenta() throws {
    let columns = columns(500)
    let found = try values(
      [
        "mass(a, c)", "mass(a, b)", "mass(a, b, c)", "pt(a, b)", "pt(a, b, c)", "eta(a + b)", "phi(a + b)", "energy(b)",
        "dR(a + c, b)", "mT(a, met)", "ht(a + c, b)", "px(a, b)", "dphi(a, b)", "deta(a, b)", "min_mass(a, b, c)",
        "max_dR(a, b, c)", "min_dphi(a, c)",
      ], columns, objects: objects)
    func off(_ output: Int, _ event: Int, _ expected: Wide, scale: Wide? = nil) -> Wide {
      abs(Wide(found[output][event]) - expected) / (scale ?? max(abs(expected), 1e-6))
    }
    for event in 0..<500 {
      let (a, b, c) = (
        momentum("a", columns, event), momentum("b", columns, event, hasMass: true), momentum("c", columns, event)
      )
      let met = momentum("met", columns, event)
      let bound: Wide = 1e-13
      #expect(off(0, event, (a + c).mass) < bound)
      #expect(off(1, event, (a + b).mass) < bound)
      #expect(off(2, event, (a + b + c).mass) < bound)
      #expect(off(3, event, (a + b).pt) < bound)
      #expect(off(4, event, (a + b + c).pt) < bound)
      #expect(off(5, event, (a + b).eta, scale: 1) < 1e-12)
      #expect(off(6, event, (a + b).phi, scale: 1) < 1e-12)
      #expect(off(7, event, b.energy) < bound)
      func turned(_ angle: Wide) -> Wide { remainder(angle, 2 * Wide.pi) }
      let ac = a + c
      let (eta, phi) = (
        ac.eta - Wide(columns["b_eta"]?[event] ?? 0), turned(ac.phi - Wide(columns["b_phi"]?[event] ?? 0))
      )
      #expect(off(8, event, (eta * eta + phi * phi).squareRoot()) < 1e-12)
      let angle = Wide(columns["a_phi"]?[event] ?? 0) - Wide(columns["met_phi"]?[event] ?? 0)
      #expect(off(9, event, (2 * a.pt * met.pt * (1 - cos(angle))).squareRoot()) < 1e-11)
      #expect(off(10, event, ac.pt + b.pt) < bound)
      #expect(off(11, event, a.x + b.x, scale: 100) < bound)
      #expect(off(12, event, turned(Wide(columns["a_phi"]?[event] ?? 0) - Wide(columns["b_phi"]?[event] ?? 0))) < bound)
      #expect(off(14, event, min((a + b).mass, (a + c).mass, (b + c).mass)) < bound)
    }
  }

  /// The mass of two objects by the formula without cancellation, in the widest numbers.
  private func mass(_ pt1: Double, _ pt2: Double, _ deltaEta: Wide, _ deltaPhi: Wide) -> Wide {
    let (s, t) = (sinh(deltaEta / 2), sin(deltaPhi / 2))
    return (4 * Wide(pt1) * Wide(pt2) * (s * s + t * t)).squareRoot()
  }

  @Test func massesOfCollinearPairsKeepTheirDigits() throws {
    var columns = columns(2000)
    // Distances from 1 down to 1e-9, some of them across φ = ±π.
    let distances = (0..<2000).map { pow(10, -9 * Double($0) / 2000) }
    columns["c_eta"] = (0..<2000).map {
      (columns["a_eta"]?[$0] ?? 0) + distances[$0] * (2 * random(50, UInt64($0)) - 1)
    }
    columns["a_phi"] = (0..<2000).map { $0.isMultiple(of: 3) ? .pi - distances[$0] / 3 : columns["a_phi"]?[$0] ?? 0 }
    let phi = columns["a_phi"] ?? []
    columns["c_phi"] = (0..<2000).map { event -> Double in
      event.isMultiple(of: 3) ? distances[event] / 7 - Double.pi : phi[event] + distances[event] / 2
    }
    let found = try values(["mass(a, c)"], columns, objects: objects)[0]
    var worst = 0.0
    for event in 0..<2000 {
      let expected = mass(
        columns["a_pt"]?[event] ?? 0, columns["c_pt"]?[event] ?? 0,
        Wide(columns["a_eta"]?[event] ?? 0) - Wide(columns["c_eta"]?[event] ?? 0),
        Wide(columns["a_phi"]?[event] ?? 0) - Wide(columns["c_phi"]?[event] ?? 0))
      worst = max(worst, ulps(found[event], from: expected))
    }
    #expect(worst <= 2, "\(worst) ulps of a double")
  }

  @Test func restAndZeroMomentaHaveMasses() throws {
    let columns = [
      "a_pt": [0.0, 0], "a_eta": [1.0, 0], "a_phi": [0.0, 0], "b_pt": [0, 10], "b_eta": [0.0, 5], "b_phi": [2.0, 0],
      "b_mass": [0.0, 5],
    ]
    let found = try values(["mass(a, b)", "mass(b)", "pt(a, b)", "mT(a, b)"], columns, objects: objects)
    #expect(found[0] == [0, 5])
    #expect(found[1] == [0, 5])
    #expect(found[2] == [0, 10])
    #expect(found[3] == [0, 0])
  }

  @Test func anglesAreBroughtHome() throws {
    let below = Double.pi.nextDown
    let (x, y) = ([3, -3, 6.2, 0.1, 1, below, -Double.pi], [-3, 3, 0, 6.2, 1 - 1e-12, -Double.pi, below])
    let found = try values(["angle(x, y)"], ["x": x, "y": y])[0]
    let turn = 2 * Wide.pi
    for event in 0..<5 {
      let difference = Wide(x[event]) - Wide(y[event])
      #expect(ulps(found[event], from: difference - turn * (difference / turn).rounded()) <= 1)
    }
    // Of two doubles next to ±π the difference is what separates them from it: π − Double.pi is 1.2246e-16.
    #expect(abs(found[5] + 2 * 1.2246467991473532e-16 + Double.pi.ulp) < 1e-30 && found[5] == -found[6])
  }

  @Test func objectsAreFoundByTheirColumns() throws {
    #expect(objects.map(\.name) == ["a", "b", "c", "met"])
    #expect(objects.map { $0.eta != nil } == [true, true, true, false])
    #expect(objects[1].mass == .column("b_mass"))
    #expect(error("dR(a, met)", objects: objects).contains("met has no pseudorapidity"))
    #expect(error("mass(a, d)", objects: objects).contains("there is no object d"))
    #expect(error("mass(a, lep_pt)", objects: objects).contains("there is no object lep_pt"))
    #expect(error("a + 1", objects: objects).contains("character 1: an object where a number is needed"))
    #expect(error("dR(a)", objects: objects).contains("dR has 1 argument; give it two objects"))
    #expect(error("a", objects: objects).contains("an object where a number"))
  }

  @Test func aColumnMayHaveTheNameOfAnObject() throws {
    let miss = EventObject(name: "miss", pt: "miss", eta: nil, phi: "miss_phi")
    let columns = ["miss": 3.0, "miss_phi": 1, "a_pt": 4, "a_eta": 0, "a_phi": 1]
    let found = try values(["miss + 1", "pt(miss, a)"], columns.mapValues { [$0] }, objects: objects + [miss])
    #expect(found == [[4], [7]])
  }

  @Test func theUsualVariablesHaveTheirNames() throws {
    let standard = Definitions.standard(objects)
    #expect(standard.count == 3 * 5 + 3 * 3 + 1 + 1)
    #expect(standard.first == .init(name: "dR_a_b", text: "dR(a, b)"))
    #expect(Set(standard.map(\.name)).isSuperset(of: ["m_a_b_c", "mT_a_met", "pt_b_met", "ht", "deta_b_c"]))
    let columns = columns(10)
    let found = try values(standard.map(\.text), columns, objects: objects)
    for column in found { for value in column { #expect(value.isFinite) } }
  }
}
